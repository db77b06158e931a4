import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TransactionSearchResult, transactionQuery } from "#lib/contract/archive/transaction-search.ts";
import { parseSegmentKey } from "#lib/domain/backup/storage-keys.ts";
import { searchTransactions } from "#worker/pipelines/restore/instant/search-transactions.ts";
import { SOAK_SCHEMA } from "#worker/testing/soak/load.ts";
import { restoreInstant } from "#worker/testing/soak/restore-instants.ts";
import { type Soaked, soak } from "#worker/testing/soak/soak.ts";
import { readStatus } from "./write-status.ts";

/** Of an open file, so that it goes in many pieces, and kills come between them. */
const PIECE_BYTES = 16 * 1024;

/** The long one: `npm run bench -- soak --instants 20`. */
describe.each([
  { flavor: "mysql", disturbances: ["kill the stream", "rotate", "kill the worker", "kill the server"], instants: 2 },
  { flavor: "mariadb", disturbances: ["kill the worker", "rotate", "kill the server"], instants: 1 },
] as const)("$flavor under load, its archive killed in every way", { timeout: 240_000 }, ({ flavor, disturbances, instants }) => {
  let soaked: Soaked;
  beforeAll(async () => {
    soaked = await soak({ flavor, seed: 20261125, transactions: 300, disturbances, pauseMs: 2, pieceBytes: PIECE_BYTES, sealedLogs: flavor === "mysql" });
  });
  afterAll(async () => {
    await soaked?.close();
  });

  it("restores to random instants hold exactly what the ledger says: no transaction missing, none too many, none half", async () => {
    for (let restored = 0; restored < instants; restored += 1) {
      const { instant, contradictions } = await restoreInstant(soaked);
      expect(contradictions, instant).toEqual([]);
    }
    if (flavor === "mysql") {
      // Encrypted on the server's disk, transactions compressed in it: the archive holds them readable, and knows every one.
      for (const file of readdirSync(soaked.dataDir).filter((name) => /^binlog\.\d+$/.test(name))) expect(readFileSync(join(soaked.dataDir, file)).subarray(0, 4).toString("latin1")).toBe("\u00fdbin");
      const listed = new Set<string | null>();
      for (let after: TransactionSearchResult["next"] | undefined; after !== null; ) {
        const query = transactionQuery.parse({ server: "db", schema: SOAK_SCHEMA, table: "entries", kinds: ["insert"], dangerousOnly: false, limit: 500, ...(after ? { after } : {}) });
        const { transactions, next, unread } = await searchTransactions(soaked.live.host, query, new AbortController().signal);
        expect(unread).toEqual([]);
        for (const { gtid } of transactions) listed.add(gtid);
        after = next;
      }
      expect(listed.size).toBe(soaked.ledger.committed().length);
      // In the file that the server still writes: put together from its pieces, of which nothing else is anywhere.
      const gtid = soaked.ledger.committed().findLast((entry) => entry.gtid)?.gtid ?? "";
      const { lastKey, contradictions } = await restoreInstant(soaked, { kind: "after", gtid });
      expect(contradictions).toEqual([]);
      expect(parseSegmentKey(lastKey)?.tailFrom).toBeGreaterThan(2 * PIECE_BYTES);
    }
    expect(readStatus(soaked.live.host, "db")?.faults).toEqual([]);
  });
});
