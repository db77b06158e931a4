import { z } from "zod";
import { verifySet as verifyJob } from "#lib/contract/jobs/runs.ts";
import { runId, slug } from "#lib/contract/names.ts";
import { newId } from "#lib/platform/ids.ts";
import { appendAudit } from "#lib/store/audit/append-audit.ts";
import { requireSet } from "#lib/store/backup/find-sets.ts";
import { transaction } from "#lib/store/open-database.ts";
import { queueRun } from "#lib/store/run/queue-run.ts";
import { requireIdle } from "#lib/store/run/require-idle.ts";
import { auditAs } from "../audit-as.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";
import { sendRun } from "../send-run.ts";

export const verifySetInput = z.object({ id: runId, level: z.enum(["intact", "proven"]).default("proven"), destination: slug.optional() });

/** Queues a verification: `intact` re-reads every copy, `proven` restores it in isolation as well. */
export async function verifySet(context: ServiceContext, input: z.input<typeof verifySetInput>): Promise<{ runId: string }> {
  await permit(context, "backup.verify");
  const { id, level, destination } = parseInput(verifySetInput, input);
  const set = await requireSet(context.db, id, context.actor.role);
  await permit(context, "backup.verify", set.environment, id);
  await context.queue.ping();
  const now = context.clock.now();
  const run = newId(now);
  await transaction(context.db, async (tx) => {
    await requireIdle(tx, set.serverName, ["verify"]);
    await queueRun(tx, { id: run, kind: "verify", trigger: "manual", host: set.hostName, server: set.serverName, environment: set.environment, policy: set.policyName, setId: id, requestedBy: context.actor.email, at: new Date(now) });
    await appendAudit(tx, auditAs(context, { action: "backup.verify", subject: id, detail: { run, level, destination: destination ?? null } }));
  });
  await sendRun(context, verifyJob, set.hostName, run, { runId: run, trigger: "manual", requestedBy: context.actor.email, server: set.serverName, setId: id, level, ...(destination ? { destination } : {}) });
  return { runId: run };
}
