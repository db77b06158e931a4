import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { restoreInstant } from "#worker/testing/soak/restore-instants.ts";
import { type Soaked, soak } from "#worker/testing/soak/soak.ts";
import { readStatus } from "./write-status.ts";

/** The long one: `npm run bench -- soak --instants 20`. */
describe.each([
  { flavor: "mysql", disturbances: ["kill the stream", "rotate", "kill the worker", "kill the server"], instants: 3 },
  { flavor: "mariadb", disturbances: ["kill the worker", "rotate", "kill the server"], instants: 1 },
] as const)("$flavor under load, its archive killed in every way", { timeout: 240_000 }, ({ flavor, disturbances, instants }) => {
  let soaked: Soaked;
  beforeAll(async () => {
    soaked = await soak({ flavor, seed: 20261125, transactions: 300, disturbances, pauseMs: 2 });
  });
  afterAll(async () => {
    await soaked?.close();
  });

  it("restores to random instants hold exactly what the ledger says: no transaction missing, none too many, none half", async () => {
    for (let restored = 0; restored < instants; restored += 1) {
      const { instant, contradictions } = await restoreInstant(soaked);
      expect(contradictions, instant).toEqual([]);
    }
    expect(readStatus(soaked.live.host, "db")?.faults).toEqual([]);
  });
});
