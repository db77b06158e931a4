import type { Connection } from "mysql2/promise";
import { hashOf } from "#lib/contract/recovery/plan-hash.ts";
import type { MovedTables, SwapPlan, SwapRecord, SwapTable } from "#lib/contract/recovery/swap.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { movesOf } from "#lib/domain/recovery/swap-standing.ts";
import { connect, lostConnection } from "#worker/engines/server/connect.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import { withRunLock } from "#worker/host/run-lock.ts";
import { type HostRuntime, requireServer } from "#worker/host/runtime.ts";
import { PLAN_MINUTES } from "../plan.ts";
import { restoreSubject } from "../run-records.ts";
import { draftSwap, type SwapDraft } from "./draft-swap.ts";
import { lookAt, typedNameOf } from "./plan-swap.ts";
import { createSchemas, dropEmptySchemas } from "./swap-schemas.ts";
import { PlaceOfSwap } from "./swap-place.ts";
import { readRecord, writeRecord } from "./swap-record.ts";
import { exchange, movesText } from "./swap-statements.ts";
import { markConnection } from "./swap-connection.ts";
import { takeBack } from "./take-back.ts";
import { readableViews, verifySwap } from "./verify-swap.ts";

export const SWAP_STAGES = ["check", "cutover", "verify"] as const;

export interface SwapResult {
  /** Under this id it can be undone. */
  readonly runId: string;
  readonly moves: readonly MovedTables[];
}

/**
 * Runs a planned swap, once: check that plan and server still fit, and tell what programs wrote since → one exchange → verify. Whatever fails is taken back: tables and
 * triggers stand as they stood. A killed worker leaves a record from which `recoverSwap` ends it. Faults: PLAN_EXPIRED, PLAN_CHANGED, TYPED_NAME_WRONG, SWAP_*, VERIFICATION_FAILED.
 */
export async function runSwap(context: RunContext, host: HostRuntime, plan: SwapPlan, typed?: string): Promise<SwapResult> {
  return withRunLock(host.folders.locks, restoreSubject(plan.request.server), async () => {
    const draft = await context.stage("check", () => checkPlan(context, host, plan, typed));
    const connection = await connect(draft.access);
    const place = await PlaceOfSwap.before(host, requireServer(host.settings, plan.request.server));
    const record = recordOf(context, draft, place);
    try {
      await markConnection(connection, context.runId);
      const readable = await readableViews(connection, draft);
      try {
        await context.stage("cutover", async () => {
          writeRecord(host.folders, record);
          context.log("info", `${movesText(draft.moves)}; run ${context.runId} can take it back`);
          await createSchemas(connection, draft, record.created);
          await exchange(connection, draft.access, {
            way: draft.way,
            lockWaitSeconds: plan.request.lockWaitSeconds,
            moves: movesOf(draft.moves),
            drop: draft.before,
            make: draft.after,
            before: draft.before,
            whileHeld: () => place.whileHeld(),
            tell: (text) => context.log("info", text),
          });
        });
        await context.stage("verify", () => verifySwap(context, draft, readable));
      } catch (error) {
        // Its locks go with it: nothing of the exchange may still be waiting when it is taken back.
        connection.destroy();
        await backAgain(context, host, draft, record);
        throw refusal(draft, error);
      }
      writeRecord(host.folders, { ...recordOf(context, draft, place), state: "swapped" });
      await closeUndone(connection, host, plan.request.undoes);
      return { runId: context.runId, moves: draft.moves };
    } finally {
      place.close();
      connection.destroy();
    }
  });
}

/** The swap that was undone is over, and what it made and holds nothing any more goes. */
async function closeUndone(connection: Connection, host: HostRuntime, undoes: string | undefined): Promise<void> {
  if (undoes === undefined) return;
  const undone = readRecord(host.folders, undoes);
  writeRecord(host.folders, { ...undone, state: "undone" });
  await dropEmptySchemas(connection, undone.created);
}

/** An error of the server as what it means to a person; by then everything is as it was. */
function refusal({ server }: SwapDraft, error: unknown): unknown {
  const { errno, message } = error as { errno?: number; message: string };
  const known = lostConnection(server.name, error);
  return known instanceof Fault || errno === undefined ? known : new Fault("SWAP_REFUSED", { params: { message: `ERROR ${errno}: ${message}` }, cause: error });
}

/** A cancelled run does this too, so its signal does not count here. */
async function backAgain(context: RunContext, host: HostRuntime, draft: SwapDraft, record: SwapRecord): Promise<void> {
  try {
    writeRecord(host.folders, { ...record, back: true });
    await takeBack(draft.access, record, (text) => context.log("warn", text));
    writeRecord(host.folders, { ...record, state: "taken-back" });
    context.log("warn", "the swap was taken back: tables and triggers stand as they stood");
  } catch (error) {
    throw new Fault("SWAP_NOT_TAKEN_BACK", { params: { run: context.runId, message: error instanceof Error ? error.message : String(error) }, cause: error });
  }
}

async function checkPlan(context: RunContext, host: HostRuntime, plan: SwapPlan, typed: string | undefined): Promise<SwapDraft> {
  if (Date.parse(plan.expiresAt) <= context.clock.now()) throw new Fault("PLAN_EXPIRED", { params: { minutes: PLAN_MINUTES } });
  const expected = typedNameOf(plan.request);
  if (typed !== expected) throw new Fault("TYPED_NAME_WRONG", { params: { expected } });
  const draft = await draftSwap(host, plan.request);
  if (hashOf(draft.binding) !== plan.hash) throw new Fault("PLAN_CHANGED", { params: { change: "the target or the options are not those of the plan" } });
  const { tables } = await lookAt(draft, context.signal);
  for (const line of [...sinceLines(plan.tables, tables), ...archivedLines(plan)]) context.log("info", line);
  return draft;
}

/** What is in use against its copy, table by table; and what programs wrote since the plan. */
export function sinceLines(planned: readonly SwapTable[], now: readonly SwapTable[]): string[] {
  const signed = (rows: number): string => (rows > 0 ? `+${rows}` : String(rows));
  const told = now.filter(({ live, restored }) => live !== restored).map(({ schema, table, live, restored }) => `${schema}.${table}: ${live ?? "—"} rows in use, ${restored ?? "—"} in the copy${live !== null && restored !== null ? ` (${signed(restored - live)})` : ""}`);
  const since = now.flatMap(({ schema, table, live }) => {
    const before = planned.find((one) => one.schema === schema && one.table === table)?.live ?? null;
    return before === null || live === null || before === live ? [] : [`${schema}.${table}: ${signed(live - before)} rows since the plan`];
  });
  return [...told, ...since];
}

/** The same out of the archive, as the plan had it: by table, rows inserted (+), updated (~), deleted (-) by transactions that what takes its place does not hold. */
export function archivedLines({ since, request }: Pick<SwapPlan, "since" | "request">): string[] {
  return (since ?? []).flatMap(({ tables, to }) => tables.map(({ schema, table, transactions, inserted, updated, deleted }) => `${schema}.${table}: +${inserted} ~${updated} -${deleted} rows in ${transactions} archived transactions since the ${request.undoes === undefined ? "copy" : "swap"}, up to ${to.file}:${to.position}`));
}

function recordOf({ runId, clock }: RunContext, { request, server, way, moves, before, after, inventory }: SwapDraft, { known }: PlaceOfSwap): SwapRecord {
  const present = new Set(inventory.schemas.map(({ name }) => name));
  const created = moves.flatMap(({ live, kept }) => [live, kept]).filter((name) => !present.has(name));
  return { v: 1, runId, at: new Date(clock.now()).toISOString(), request, serverUuid: server.uuid, way, state: "began", moves: [...moves], ...(known ? { place: known } : {}), created, before: [...before], after: [...after] };
}
