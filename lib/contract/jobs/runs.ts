import { z } from "zod";
import { runCause, runOutcome, setSummary, trigger } from "../events.ts";
import { restoreTest } from "../manifest/verification.ts";
import { faultRecord, runId, slug } from "../names.ts";
import { restorePlan } from "../recovery/restore.ts";
import { swapPlan } from "../recovery/swap.ts";
import { defineJob } from "./definition.ts";

/** What every long job gives back; the journal holds the details. */
const ended = z.object({ runId, outcome: runOutcome, seconds: z.number(), fault: faultRecord.optional(), lastSeq: z.number().int() });

/** What every kind of backup is ordered with, by the console and by the host's own schedules. */
const backup = z.strictObject({ runId, policy: slug, trigger, requestedBy: z.string().optional(), cause: runCause.optional() });

export const backupFull = defineJob({
  name: "backup-full",
  lane: "run",
  payload: backup,
  result: ended.extend({ set: setSummary.optional() }),
  attempts: 1,
  validSeconds: 24 * 3600,
});

/** What changed since the policy's newest proven full. */
export const backupDifferential = defineJob({
  name: "backup-differential",
  lane: "run",
  payload: backup,
  result: ended.extend({ set: setSummary.optional() }),
  attempts: 1,
  validSeconds: 24 * 3600,
});

export const backupIncremental = defineJob({
  name: "backup-incremental",
  lane: "run",
  payload: backup,
  result: ended.extend({
    incremental: z
      .object({
        server: slug,
        /** Name of the binary log that was closed; it and all before it are at every destination. */
        file: z.string(),
        epoch: z.number().int(),
        segments: z.number().int(),
      })
      .optional(),
  }),
  attempts: 1,
  validSeconds: 24 * 3600,
});

export const verifySet = defineJob({
  name: "verify-set",
  lane: "run",
  payload: z.strictObject({
    runId,
    trigger,
    requestedBy: z.string().optional(),
    server: slug,
    setId: runId,
    /** `intact` re-reads every copy; `proven` restores as well. */
    level: z.enum(["intact", "proven"]),
    destination: slug.optional(),
  }),
  result: ended.extend({ level: z.enum(["completed", "intact", "proven", "refused"]).optional(), restoreTest: restoreTest.nullable().optional() }),
  attempts: 1,
  validSeconds: 24 * 3600,
});

export const restoreRun = defineJob({
  name: "restore-run",
  lane: "run",
  payload: z.strictObject({ runId, trigger, requestedBy: z.string(), plan: restorePlan, typedName: z.string().optional() }),
  result: ended,
  attempts: 1,
  validSeconds: 15 * 60,
});

/** Exactly the confirmed exchange, or its way back. */
export const swapRun = defineJob({
  name: "swap-run",
  lane: "run",
  payload: z.strictObject({ runId, trigger, requestedBy: z.string(), plan: swapPlan, typedName: z.string() }),
  result: ended,
  attempts: 1,
  validSeconds: 15 * 60,
});

/** Ends a swap that a lost worker left half-way, or drops what one has replaced: from then on it cannot be undone. */
export const endSwap = defineJob({
  name: "end-swap",
  lane: "run",
  payload: z.strictObject({ runId, trigger, requestedBy: z.string(), server: slug, swap: runId, end: z.enum(["recover", "drop"]), typedName: z.string().optional() }),
  result: ended,
  attempts: 1,
  validSeconds: 15 * 60,
});
