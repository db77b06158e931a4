import { z } from "zod";
import type { SetSummary } from "#lib/contract/events.ts";
import { readSet as readSetJob } from "#lib/contract/jobs/control.ts";
import type { RestoreTest } from "#lib/contract/manifest/verification.ts";
import { runId, slug } from "#lib/contract/names.ts";
import type { SetContents, SetDetail } from "#lib/contract/views/backup.ts";
import { faultRecord } from "#lib/domain/fault/fault.ts";
import { appendAudit } from "#lib/store/audit/append-audit.ts";
import { requireSet } from "#lib/store/backup/find-sets.ts";
import { setRow } from "#lib/store/backup/set-row.ts";
import { transaction } from "#lib/store/open-database.ts";
import { runRow } from "#lib/store/run/run-row.ts";
import { auditAs } from "../audit-as.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";

export const readSetInput = z.object({
  id: runId,
  /** Ask the host for the manifest on storage: an access to a backup, and audited as one. */
  withContents: z.boolean().default(false),
  destination: slug.optional(),
});

/** A set with its copies, runs and, if asked for, its contents. A host that does not answer gives `contents.ok = false`, not a fault. */
export async function readSet(context: ServiceContext, input: z.input<typeof readSetInput>): Promise<SetDetail> {
  await permit(context, "run.view");
  const { id, withContents, destination } = parseInput(readSetInput, input);
  const set = await requireSet(context.db, id, context.actor.role);
  const runs = await context.db.run.findMany({ where: { setId: id }, orderBy: { queuedAt: "desc" }, take: 20 });
  return {
    ...setRow(set),
    summary: set.summary as unknown as SetSummary,
    restoreTest: set.restoreTest as unknown as RestoreTest | null,
    runs: runs.map(runRow),
    contents: withContents ? await readContents(context, set, destination) : null,
  };
}

async function readContents(context: ServiceContext, set: { id: string; serverName: string; hostName: string; environment: string | null }, destination: string | undefined): Promise<SetContents> {
  await permit(context, "backup.view-contents", set.environment, set.id);
  await transaction(context.db, (tx) => appendAudit(tx, auditAs(context, { action: "backup.view-contents", subject: set.id, detail: { destination: destination ?? null } })));
  try {
    const answer = await context.queue.ask(readSetJob, set.hostName, { server: set.serverName, setId: set.id, ...(destination ? { destination } : {}) }, 20_000);
    return { ok: true, manifest: answer.signed.manifest, verification: answer.verification };
  } catch (error) {
    return { ok: false, fault: faultRecord(error) };
  }
}
