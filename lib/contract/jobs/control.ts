import { z } from "zod";
import { desiredState } from "../config/desired-state.ts";
import { faultRecord, runId, slug } from "../names.ts";
import { setSummary } from "../events.ts";
import { signedManifest } from "../manifest/manifest.ts";
import { verification } from "../manifest/verification.ts";
import { planResult, restoreRequest } from "../recovery/restore.ts";
import { swapOrder, swapPlanResult, swapStanding } from "../recovery/swap.ts";
import { defineJob } from "./definition.ts";

const probeStep = z.object({ step: z.string(), ok: z.boolean(), ms: z.number(), detail: z.string().optional() });

const finding = z.object({ severity: z.enum(["info", "warning", "error"]), fault: faultRecord });

/** The console's settings for this host; kept on the host's disk. An older revision than the kept one is refused. */
export const applyState = defineJob({
  name: "apply-state",
  lane: "control",
  payload: z.strictObject({ state: desiredState }),
  result: z.object({ revision: z.number().int() }),
  attempts: 3,
  validSeconds: 7 * 24 * 3600,
});

export const cancelRun = defineJob({
  name: "cancel-run",
  lane: "control",
  payload: z.strictObject({ runId, requestedBy: z.string() }),
  result: z.object({ found: z.boolean() }),
  attempts: 1,
  validSeconds: 600,
});

export const probeServer = defineJob({
  name: "probe-server",
  lane: "control",
  payload: z.strictObject({ server: slug, policy: slug.optional() }),
  result: z.object({ steps: z.array(probeStep), findings: z.array(finding) }),
  attempts: 1,
  validSeconds: 120,
});

export const probeDestination = defineJob({
  name: "probe-destination",
  lane: "control",
  payload: z.strictObject({ destination: slug }),
  result: z.object({ steps: z.array(probeStep), space: z.object({ totalBytes: z.number(), freeBytes: z.number() }).nullable() }),
  attempts: 1,
  validSeconds: 120,
});

/** Dry run of a restore. */
export const planRestore = defineJob({
  name: "plan-restore",
  lane: "control",
  payload: z.strictObject({ request: restoreRequest }),
  result: planResult,
  attempts: 1,
  validSeconds: 300,
});

/** Dry run of a swap, or of the way back of one. */
export const planSwap = defineJob({
  name: "plan-swap",
  lane: "control",
  payload: z.strictObject({ order: swapOrder }),
  result: swapPlanResult,
  attempts: 1,
  validSeconds: 300,
});

/** Swaps of a server that this host has a record of, newest first. */
export const listSwaps = defineJob({
  name: "list-swaps",
  lane: "control",
  payload: z.strictObject({ server: slug }),
  result: z.object({ swaps: z.array(swapStanding) }),
  attempts: 1,
  validSeconds: 60,
});

/** The manifest and verdict of a set, for the preview of its contents. */
export const readSet = defineJob({
  name: "read-set",
  lane: "control",
  payload: z.strictObject({ server: slug, setId: runId, destination: slug.optional() }),
  result: z.object({ signed: signedManifest, verification: verification.nullable() }),
  attempts: 1,
  validSeconds: 120,
});

/** Everything a destination holds, for an empty catalog. */
export const reindex = defineJob({
  name: "reindex",
  lane: "control",
  payload: z.strictObject({ destination: slug }),
  result: z.object({
    sets: z.array(z.object({ summary: setSummary, verification: verification.nullable(), trusted: z.boolean() })),
    problems: z.array(faultRecord),
  }),
  attempts: 1,
  validSeconds: 600,
});
