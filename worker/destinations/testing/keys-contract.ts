import { expect, it } from "vitest";
import { all, fault } from "./observe.ts";
import type { ContractBench } from "./subject.ts";

/** Keys and prefixes that lead elsewhere are refused by every verb. */
export function keysContract(bench: ContractBench): void {
  it.each(["", "/etc/passwd", "../out", "a/../../out", "a//b", "a/", "./a", "a\\..\\b", ".partial-1", "a/.hidden", "a b", "è", "a\0b", "x".repeat(300)])(
    "refuses the key %j everywhere",
    async (key) => {
      const expected = { code: "DESTINATION_KEY_INVALID", retryable: false };
      await expect(fault(bench.place.put(key, { kind: "bytes", data: Buffer.from("x") }))).resolves.toMatchObject(expected);
      await expect(fault(bench.place.get(key))).resolves.toMatchObject(expected);
      await expect(fault(bench.place.stat(key))).resolves.toMatchObject(expected);
      await expect(fault(bench.place.remove(key))).resolves.toMatchObject(expected);
    },
  );

  it("refuses a prefix that climbs", async () => {
    await expect(fault(all(bench.place.list("../")))).resolves.toMatchObject({ code: "DESTINATION_KEY_INVALID" });
  });
}
