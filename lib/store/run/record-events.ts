import { type RunEvent, runEvent } from "#lib/contract/events.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { searchText } from "#lib/domain/run/search-text.ts";
import { appendAudit } from "../audit/append-audit.ts";
import { recordCopy, recordSet, recordVerification } from "../backup/record-set.ts";
import { Prisma, type Run } from "../generated/client.ts";
import { type Database, type Transaction, transaction } from "../open-database.ts";
import { foldEvent, type RunFacts } from "./fold-event.ts";

/**
 * Records events of one run, all or nothing. Known ones change nothing; order does not matter; runs nobody queued (CLI,
 * schedules) get their row here.
 * @throws Fault JOB_REFUSED when the run belongs to another host
 */
export async function recordEvents(db: Database, host: string, runId: string, events: readonly RunEvent[]): Promise<void> {
  await transaction(db, async (tx) => {
    const run = await lockRun(tx, host, runId, events);
    const clean = events.map(storable);
    const numbers = clean.map((event) => event.seq);
    const known = new Set((await tx.runEvent.findMany({ where: { runId, seq: { in: numbers } }, select: { seq: true } })).map((row) => row.seq));
    const fresh = [...new Map(clean.map((event) => [event.seq, event])).values()].filter((event) => !known.has(event.seq)).sort((a, b) => a.seq - b.seq);
    if (fresh.length === 0) return;
    const facts = fresh.reduce(foldEvent, factsOf(run));
    await tx.runEvent.createMany({ data: fresh.map((event) => ({ runId, seq: event.seq, at: new Date(event.at), type: event.body.type, body: { ...event.body } as Prisma.InputJsonObject })), skipDuplicates: true });
    await recordCatalog(tx, host, runId, fresh);
    await writeFacts(tx, run, facts);
    // once a run has ended, how fast it went at each second is of no use
    if (facts.finishSeq !== null) await tx.runEvent.deleteMany({ where: { runId, type: "progress" } });
    await auditFromHost(tx, host, run, fresh);
  });
}

/** PostgreSQL's text and jsonb hold neither NUL nor half a surrogate pair; both come up in the output of programs. */
function storable(event: RunEvent): RunEvent {
  const text = JSON.stringify(event, (_key, value: unknown) => (typeof value === "string" ? value.replaceAll("\0", "\ufffd").toWellFormed() : value));
  return JSON.parse(text);
}

/** Makes the row if there is none and holds it to the end of the transaction. */
async function lockRun(tx: Transaction, host: string, id: string, events: readonly RunEvent[]): Promise<Run> {
  const first = events.map((event) => new Date(event.at)).sort((a, b) => a.getTime() - b.getTime())[0] ?? new Date(0);
  await tx.run.createMany({ data: [{ id, hostName: host, kind: "preflight", trigger: "cli", state: "running", queuedAt: first }], skipDuplicates: true });
  await tx.$executeRaw`SELECT 1 FROM "Run" WHERE id = ${id} FOR UPDATE`;
  const run = await tx.run.findUniqueOrThrow({ where: { id } });
  if (run.hostName !== host) throw new Fault("JOB_REFUSED", { params: { message: `host ${host} speaks about run ${id} of host ${run.hostName}` } });
  return run;
}

/** Sets, copies and verdicts. A host speaks only for sets of its own. What came before its set is applied when the set comes. */
async function recordCatalog(tx: Transaction, host: string, runId: string, fresh: readonly RunEvent[]): Promise<void> {
  let bodies = fresh;
  for (const { body } of fresh) {
    if (body.type !== "set" || body.summary.host !== host) continue;
    const existing = await tx.backupSet.findUnique({ where: { id: body.summary.setId }, select: { hostName: true } });
    if (existing && existing.hostName !== host) continue;
    await recordSet(tx, body.summary);
    const earlier = await tx.runEvent.findMany({ where: { runId, type: { in: ["copy", "verification"] } }, orderBy: { seq: "asc" } });
    bodies = earlier.flatMap((row) => runEvent.safeParse({ v: 1, host, runId, seq: row.seq, at: row.at.toISOString(), body: row.body }).data ?? []);
  }
  for (const { body, at } of bodies) {
    if (body.type !== "copy" && body.type !== "verification") continue;
    if ((await tx.backupSet.count({ where: { id: body.setId, hostName: host } })) === 0) continue;
    if (body.type === "copy") await recordCopy(tx, body.setId, body.copy);
    else await recordVerification(tx, { ...body, updatedAt: at });
  }
}

function factsOf(run: Run): RunFacts {
  // written by writeFacts below and nobody else
  return run as unknown as RunFacts;
}

async function writeFacts(tx: Transaction, run: Run, facts: RunFacts): Promise<void> {
  const server = facts.serverName ? await tx.server.findUnique({ where: { name: facts.serverName }, select: { environment: true } }) : null;
  const { kind, state, trigger, serverName, policyName, setId, requestedBy, cause, queuedAt, startedAt, finishedAt, lastEventAt, lastSeq, finishSeq, progressSeq, bytes } = facts;
  const faultCode = facts.fault?.code ?? null;
  await tx.run.update({
    where: { id: run.id },
    data: {
      ...{ kind, state, trigger, serverName, policyName, setId, requestedBy, queuedAt, startedAt, finishedAt, lastEventAt, lastSeq, finishSeq, progressSeq, bytes, faultCode },
      environment: server?.environment ?? run.environment,
      cause: cause ? { ...cause } : Prisma.DbNull,
      scheduleName: cause?.type === "schedule" ? cause.schedule : null,
      stages: facts.stages.map((stage) => ({ ...stage })),
      progress: facts.progress ? { ...facts.progress } : Prisma.DbNull,
      fault: facts.fault ? { ...facts.fault } : Prisma.DbNull,
      result: facts.result ? (facts.result as Prisma.InputJsonObject) : Prisma.DbNull,
      searchText: searchText({ ...facts, id: run.id, host: run.hostName, server: serverName, policy: policyName, faultCode, schedule: cause?.type === "schedule" ? cause.schedule : null }),
    },
  });
}

/** What happens on a host without the console belongs in the trail as well: restores above all, and swaps that a worker ends by itself. */
async function auditFromHost(tx: Transaction, host: string, run: Run, fresh: readonly RunEvent[]): Promise<void> {
  for (const { body, at } of fresh) {
    const entry = { at: new Date(at), actor: `worker:${host}`, role: null, address: null, subject: run.id };
    if (body.type === "run-started" && body.trigger === "cli") {
      await appendAudit(tx, { ...entry, action: `${body.kind}.from-cli`, outcome: "done", detail: { server: body.server ?? null, setId: body.setId ?? null, requestedBy: body.requestedBy ?? null } });
    }
    if (body.type === "run-started" && body.cause?.type === "lost-swap") {
      await appendAudit(tx, { ...entry, action: "swap.recover", outcome: "done", detail: { server: body.server ?? null, swap: body.cause.swap } });
    }
    const kind = body.type === "run-finished" ? restoringKind(run, fresh) : null;
    if (body.type === "run-finished" && kind) {
      await appendAudit(tx, { ...entry, action: `${kind}.end`, outcome: body.outcome === "completed" || body.outcome === "warning" ? "done" : "failed", detail: { outcome: body.outcome, fault: body.fault?.code ?? null, ...(body.result ? { result: body.result } : {}) } });
    }
  }
}

/** What changes data in use is in the trail with its end. The run's row may still lack its kind: its first event has it. */
function restoringKind(run: Run, fresh: readonly RunEvent[]): "restore" | "swap" | null {
  const kinds: string[] = [run.kind, ...fresh.flatMap(({ body }) => (body.type === "run-started" ? [body.kind] : []))];
  return (["restore", "swap"] as const).find((kind) => kinds.includes(kind)) ?? null;
}
