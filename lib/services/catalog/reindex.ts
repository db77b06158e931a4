import { z } from "zod";
import { reindex as reindexJob } from "#lib/contract/jobs/control.ts";
import { slug } from "#lib/contract/names.ts";
import type { FaultView } from "#lib/contract/views/run.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { appendAudit } from "#lib/store/audit/append-audit.ts";
import { recordSet, recordVerification } from "#lib/store/backup/record-set.ts";
import { transaction } from "#lib/store/open-database.ts";
import { auditAs } from "../audit-as.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";

export const reindexInput = z.object({ destination: slug });

export interface Reindexed {
  /** Sets found and now in the catalog. */
  readonly sets: number;
  /** Found, but not signed by a key that the host trusts: left out. */
  readonly untrusted: readonly string[];
  readonly problems: readonly FaultView[];
}

/** Rebuilds the catalog from what a destination holds. Adds and refreshes, removes nothing. */
export async function reindex(context: ServiceContext, input: z.input<typeof reindexInput>): Promise<Reindexed> {
  await permit(context, "catalog.reindex");
  const { destination: name } = parseInput(reindexInput, input);
  const { db, queue, clock } = context;
  const destination = await db.destination.findUnique({ where: { name } });
  if (!destination) throw new Fault("NOT_FOUND", { params: { kind: "destination", id: name } });
  const answer = await queue.ask(reindexJob, destination.hostName, { destination: name }, 10 * 60_000);
  const trusted = answer.sets.filter((set) => set.trusted);
  for (const { summary, verification } of trusted) {
    await transaction(db, async (tx) => {
      await recordSet(tx, summary);
      if (verification) await recordVerification(tx, verification);
      else await tx.copy.upsert({ where: { setId_destination: { setId: summary.setId, destination: name } }, create: { setId: summary.setId, destination: name, state: "stored", bytes: summary.sealedBytes, checkedAt: new Date(clock.now()) }, update: {} });
    });
  }
  const untrusted = answer.sets.filter((set) => !set.trusted).map((set) => set.summary.setId);
  await transaction(db, (tx) => appendAudit(tx, auditAs(context, { action: "catalog.reindex", subject: name, detail: { sets: trusted.length, untrusted, problems: answer.problems.length } })));
  return { sets: trusted.length, untrusted, problems: answer.problems };
}
