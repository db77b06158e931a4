import { z } from "zod";
import { backupFull } from "#lib/contract/jobs/runs.ts";
import { slug } from "#lib/contract/names.ts";
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

export const runBackupInput = z.object({ policy: slug, trigger: z.enum(["manual", "demo"]).default("manual") });

/**
 * «Back up now».
 * @throws Fault RUN_ALREADY_ACTIVE while a backup of the same server is queued or running
 */
export async function runBackup(context: ServiceContext, input: z.input<typeof runBackupInput>): Promise<{ runId: string }> {
  await permit(context, "backup.run");
  const { policy: name, trigger } = parseInput(runBackupInput, input);
  const policy = await requirePolicy(context.db, name);
  await permit(context, "backup.run", policy.server.environment, name);
  await context.queue.ping();
  const now = context.clock.now();
  const runId = newId(now);
  const { server } = policy;
  await transaction(context.db, async (tx) => {
    await requireIdle(tx, server.name, ["backup-full"]);
    await queueRun(tx, { id: runId, kind: "backup-full", trigger, host: server.hostName, server: server.name, environment: server.environment, policy: name, setId: null, requestedBy: context.actor.email, at: new Date(now) });
    await appendAudit(tx, auditAs(context, { action: "backup.run", subject: runId, detail: { policy: name, server: server.name } }));
  });
  await sendRun(context, backupFull, server.hostName, runId, { runId, policy: name, trigger, requestedBy: context.actor.email });
  return { runId };
}
