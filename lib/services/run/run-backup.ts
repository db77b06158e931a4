import { z } from "zod";
import { policyConfig } from "#lib/contract/config/policy.ts";
import { backupDifferential, backupFull, backupIncremental } from "#lib/contract/jobs/runs.ts";
import { slug } from "#lib/contract/names.ts";
import { hasDifferentials } from "#lib/domain/backup/choose-base.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { newId } from "#lib/platform/ids.ts";
import { appendAudit } from "#lib/store/audit/append-audit.ts";
import { transaction } from "#lib/store/open-database.ts";
import { queueRun } from "#lib/store/run/queue-run.ts";
import { requireIdle } from "#lib/store/run/require-idle.ts";
import { requirePolicy } from "#lib/store/settings/require-policy.ts";
import { auditAs } from "../audit-as.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";
import { sendRun } from "../send-run.ts";

/** What can be started at once; each is ordered with the same payload. */
const JOBS_NOW = { full: backupFull, differential: backupDifferential, incremental: backupIncremental } as const;
export type KindNow = keyof typeof JOBS_NOW;

export const runBackupInput = z.object({ policy: slug, kind: z.enum(["full", "differential", "incremental"]).default("full"), trigger: z.enum(["manual", "demo"]).default("manual") });

/**
 * «Back up now»: whole, what changed since the last proven full, or what the binary logs hold since.
 * @throws Fault RUN_ALREADY_ACTIVE while one of this kind is queued or running on the same server, ARCHIVE_NOT_CONFIGURED for an incremental of a policy that archives
 * nothing, DIFFERENTIAL_METHOD for a differential of a policy that takes no dumps
 */
export async function runBackup(context: ServiceContext, input: z.input<typeof runBackupInput>): Promise<{ runId: string }> {
  await permit(context, "backup.run");
  const { policy: name, kind, trigger } = parseInput(runBackupInput, input);
  const policy = await requirePolicy(context.db, name);
  await permit(context, "backup.run", policy.server.environment, name);
  await context.queue.ping();
  const now = context.clock.now();
  const runId = newId(now);
  const { server } = policy;
  const job = JOBS_NOW[kind];
  const config = policyConfig.parse(policy.config);
  if (kind === "differential" && !hasDifferentials(config)) throw new Fault("DIFFERENTIAL_METHOD", { params: { policy: name } });
  if (kind === "incremental" && !config.archive) throw new Fault("ARCHIVE_NOT_CONFIGURED", { params: { server: server.name } });
  await transaction(context.db, async (tx) => {
    await requireIdle(tx, server.name, [job.name]);
    await queueRun(tx, { id: runId, kind: job.name, trigger, host: server.hostName, server: server.name, environment: server.environment, policy: name, setId: null, requestedBy: context.actor.email, at: new Date(now) });
    await appendAudit(tx, auditAs(context, { action: "backup.run", subject: runId, detail: { policy: name, kind, server: server.name } }));
  });
  const payload = { runId, policy: name, trigger, requestedBy: context.actor.email };
  if (kind === "full") await sendRun(context, JOBS_NOW.full, server.hostName, runId, payload);
  else if (kind === "differential") await sendRun(context, JOBS_NOW.differential, server.hostName, runId, payload);
  else await sendRun(context, JOBS_NOW.incremental, server.hostName, runId, payload);
  return { runId };
}
