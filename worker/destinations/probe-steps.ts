import { asFault, faultText } from "#lib/domain/fault/fault.ts";
import type { ProbeStep } from "#worker/ports/destination.ts";

/** One step by name; what it returns becomes the detail. */
export type ProbeWork = readonly [step: string, work: () => Promise<string | undefined>];

/** Does the steps in order, timed, and stops at the first that fails. Never throws. */
export async function probeSteps(steps: readonly ProbeWork[]): Promise<ProbeStep[]> {
  const done: ProbeStep[] = [];
  for (const [step, work] of steps) {
    const began = performance.now();
    const ms = () => Math.round((performance.now() - began) * 10) / 10;
    try {
      const detail = await work();
      done.push({ step, ok: true, ms: ms(), ...(detail ? { detail } : {}) });
    } catch (error) {
      const fault = asFault(error);
      const { what, why } = faultText(fault, "en");
      done.push({ step, ok: false, ms: ms(), detail: what.includes(why) ? what : `${what} ${why}` });
      break;
    }
  }
  return done;
}
