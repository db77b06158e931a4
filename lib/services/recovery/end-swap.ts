import { z } from "zod";
import { endSwap as endJob } from "#lib/contract/jobs/runs.ts";
import { runId } from "#lib/contract/names.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { newId } from "#lib/platform/ids.ts";
import { appendAudit } from "#lib/store/audit/append-audit.ts";
import { transaction } from "#lib/store/open-database.ts";
import { queueRun } from "#lib/store/run/queue-run.ts";
import { requireIdle } from "#lib/store/run/require-idle.ts";
import { requireServer } from "#lib/store/settings/require-policy.ts";
import { auditAs } from "../audit-as.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";
import { sendRun } from "../send-run.ts";

export const endSwapInput = z.object({ swap: runId, end: z.enum(["recover", "drop"]), typedName: z.string().max(200).optional() });

export type EndSwapInput = z.input<typeof endSwapInput>;

/**
 * Queues the end of a swap: one that a lost worker left half-way is ended by its record; of one that stands, what it replaced is dropped. Whether either is possible, and whether the
 * name that was typed is the right one, the host says by the run. Faults FORBIDDEN, NOT_FOUND, RUN_ALREADY_ACTIVE, QUEUE_UNREACHABLE.
 */
export async function endSwap(context: ServiceContext, input: EndSwapInput): Promise<{ runId: string }> {
  await permit(context, "restore.swap");
  const { swap, end, typedName } = parseInput(endSwapInput, input);
  const { db, queue, clock, actor } = context;
  const row = await db.run.findUnique({ where: { id: swap } });
  if (row?.kind !== "swap" || row.serverName === null) throw new Fault("NOT_FOUND", { params: { kind: "swap", id: swap } });
  const target = await requireServer(db, row.serverName);
  await permit(context, "restore.swap", target.environment, swap);
  await queue.ping();
  const now = clock.now();
  const id = newId(now);
  await transaction(db, async (tx) => {
    await requireIdle(tx, target.name, ["restore", "swap"]);
    await queueRun(tx, { id, kind: "swap", trigger: "manual", host: target.hostName, server: target.name, environment: target.environment, policy: null, setId: null, requestedBy: actor.email, at: new Date(now) });
    await appendAudit(tx, auditAs(context, { action: end === "drop" ? "swap.drop" : "swap.recover", subject: id, detail: { swap } }));
  });
  await sendRun(context, endJob, target.hostName, id, { runId: id, trigger: "manual", requestedBy: actor.email, server: target.name, swap, end, ...(typedName === undefined ? {} : { typedName }) });
  return { runId: id };
}
