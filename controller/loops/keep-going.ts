import { setTimeout as sleep } from "node:timers/promises";
import { faultRecord } from "#lib/domain/fault/fault.ts";
import type { LoopSetting } from "./setting.ts";

const LONGEST_PAUSE_MS = 10_000;

/**
 * Repeats a step until the signal. A step that fails is logged and repeated after a growing pause: PostgreSQL or Redis may be
 * away for as long as they like.
 * @param pauseMs between steps that went well; 0 for steps that wait by themselves
 */
export async function keepGoing({ log, signal }: Pick<LoopSetting, "log" | "signal">, name: string, pauseMs: number, step: () => Promise<void>): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await step();
      if (failures > 0) log.info({ loop: name }, "going again");
      failures = 0;
    } catch (error) {
      failures += 1;
      if (signal.aborted) return;
      log.warn({ loop: name, fault: faultRecord(error), failures }, "step failed, will be repeated");
    }
    const pause = failures > 0 ? Math.min(250 * 2 ** failures, LONGEST_PAUSE_MS) : pauseMs;
    if (pause > 0) await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}
