import { expect, it } from "vitest";
import { keys } from "./observe.ts";
import type { ContractBench } from "./subject.ts";

/** The probe says the first thing that is wrong, and leaves nothing. */
export function probeContract(bench: ContractBench): void {
  it("probes step by step and leaves nothing", async () => {
    const steps = await bench.place.probe();
    expect(steps.filter((step) => !step.ok)).toEqual([]);
    expect(steps.map((step) => step.step).slice(-3)).toEqual(["write", "read", "delete"]);
    expect((await keys(bench.place.list(""))).filter((key) => key.includes("probe"))).toEqual([]);
  });

  it("the probe stops at what is wrong and says it", async () => {
    for (const { what, step, detail, open } of bench.subject.wrong) {
      const steps = await (await open()).probe();
      const last = steps.at(-1);
      expect(last, what).toMatchObject({ step, ok: false });
      expect(last?.detail, what).toMatch(detail);
      expect(steps.slice(0, -1).every((done) => done.ok), what).toBe(true);
    }
  });
}
