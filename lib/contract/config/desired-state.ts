import { z } from "zod";
import { parseCron } from "#lib/domain/schedule/cron.ts";
import { zoneName } from "#lib/domain/schedule/zone.ts";
import type { RunKind } from "../events.ts";
import { slug } from "../names.ts";
import { destinationConfig } from "./destination.ts";
import { policyConfig } from "./policy.ts";
import { serverConfig } from "./server.ts";

/** What a schedule can start, and the run (and job) that it is. One more kind is one more line. */
export const SCHEDULED_RUNS = { full: "backup-full", differential: "backup-differential", incremental: "backup-incremental" } as const satisfies Record<string, RunKind>;
export type ScheduleKind = keyof typeof SCHEDULED_RUNS;

/** When a policy runs by itself. */
export const scheduleConfig = z.strictObject({
  name: slug,
  policy: slug,
  /** `incremental` needs a policy with `archive: true`, `differential` one that has them: not `method: clone` alone. */
  kind: z.enum(Object.keys(SCHEDULED_RUNS) as [ScheduleKind, ...ScheduleKind[]]).default("full"),
  /** Five fields: minute hour day month weekday. */
  cron: z.string().max(120).refine((text) => parseCron(text) !== null, "is no cron expression of five fields"),
  timeZone: zoneName.default("Europe/Rome"),
  enabled: z.boolean().default(true),
  /** A fire that was missed is made up for within so many minutes; after that the next one is waited for. */
  graceMinutes: z.number().int().min(0).max(7 * 24 * 60).default(240),
});
export type ScheduleConfig = z.infer<typeof scheduleConfig>;

/** A public key that backups are sealed to: armored OpenPGP, file on the host or text. */
export const recipientKey = z.strictObject({
  name: slug,
  purpose: z.enum(["operations", "escrow"]),
  key: z.union([z.strictObject({ file: z.string() }), z.strictObject({ armored: z.string() })]),
});
export type RecipientKey = z.infer<typeof recipientKey>;

/** What the console decides for a host. The same sections may stand in worker.yaml. */
export const desiredState = z.strictObject({
  revision: z.number().int().min(0).default(0),
  servers: z.array(serverConfig).default([]),
  destinations: z.array(destinationConfig).default([]),
  policies: z.array(policyConfig).default([]),
  schedules: z.array(scheduleConfig).default([]),
  keys: z.array(recipientKey).default([]),
});
export type DesiredState = z.infer<typeof desiredState>;
