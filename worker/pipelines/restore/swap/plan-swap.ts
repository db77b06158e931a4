import type { Inventory, SchemaEntry } from "#lib/contract/manifest/manifest.ts";
import { hashOf } from "#lib/contract/recovery/plan-hash.ts";
import type { SwapHolder, SwapOrder, SwapPlanResult, SwapRequest, SwapTable } from "#lib/contract/recovery/swap.ts";
import { quotePath } from "#lib/domain/backup/sql-name.ts";
import { Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { besideNames } from "#lib/domain/recovery/schema-names.ts";
import { movesOf } from "#lib/domain/recovery/swap-standing.ts";
import { newId, stamp } from "#lib/platform/ids.ts";
import { countRows } from "#worker/engines/inventory/count-rows.ts";
import { connect } from "#worker/engines/server/connect.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { listed } from "../left-out-faults.ts";
import { PLAN_MINUTES } from "../plan.ts";
import { draftSwap, type SwapDraft } from "./draft-swap.ts";
import { readHolders } from "./swap-holders.ts";
import { readRecord } from "./swap-record.ts";
import { renameStatement } from "./swap-statements.ts";
import { writtenSince } from "./written-since.ts";

/** What an order means on this host now: a new swap keeps what gives way under a name with the time; an undo brings back what its swap kept. Faults NOT_FOUND, INPUT_INVALID. */
export function requestOf(host: HostRuntime, order: SwapOrder): SwapRequest {
  const { lockWaitSeconds } = order;
  if (order.kind === "undo") {
    const { request } = readRecord(host.folders, order.runId);
    return { server: request.server, pairs: request.pairs.map(({ live, restored, kept }) => ({ live, restored: kept, kept: restored })), moveRest: false, lockWaitSeconds, ownChecks: false, undoes: order.runId };
  }
  const made = stamp(host.clock.now());
  const keptNames = besideNames(Object.keys(order.pairs), "pre", made);
  const pairs = Object.entries(order.pairs).map(([live, restored]) => ({ live, restored, kept: keptNames[live] ?? "" }));
  if (pairs.length === 0) throw new Fault("INPUT_INVALID", { params: { fields: "pairs: live=restored" } });
  return { server: order.server, pairs, moveRest: order.moveRest, lockWaitSeconds, ownChecks: order.ownChecks };
}

/** A dry run of a swap: reads and counts both sides, changes nothing. Reasons against it come back as faults. */
export async function planSwap(host: HostRuntime, order: SwapOrder, signal: AbortSignal = new AbortController().signal): Promise<SwapPlanResult> {
  try {
    const request = requestOf(host, order);
    const draft = await draftSwap(host, request);
    const { tables, holders } = await lookAt(draft, signal);
    const since = await writtenSince(host, request, signal);
    const now = host.clock.now();
    return {
      ok: true,
      plan: {
        planId: newId(now),
        hash: hashOf(draft.binding),
        createdAt: new Date(now).toISOString(),
        expiresAt: new Date(now + PLAN_MINUTES * 60_000).toISOString(),
        request,
        target: { server: draft.server.name, version: draft.server.version, environment: draft.environment },
        way: draft.way,
        tables,
        triggers: draft.after.map(({ schema, name }) => `${schema}.${name}`),
        holders,
        since,
        checks: draft.checks.map(({ name }) => name),
        commands: commandsOf(draft),
        warnings: warningsOf(draft, tables, holders).map(faultRecord),
        typedName: typedNameOf(request),
      },
    };
  } catch (error) {
    return { ok: false, faults: [faultRecord(error)] };
  }
}

/** The one schema that changes, else the server. */
export function typedNameOf({ pairs, server }: SwapRequest): string {
  const [only] = pairs;
  return pairs.length === 1 && only ? only.live : server;
}

/** Rows of both sides, counted now, and who holds the tables. */
export async function lookAt({ access, inventory, moves }: SwapDraft, signal: AbortSignal): Promise<{ tables: SwapTable[]; holders: SwapHolder[] }> {
  const connections = await Promise.all([1, 2].map(() => connect(access)));
  try {
    const [connection] = connections;
    if (!connection) return { tables: [], holders: [] };
    const holders = await readHolders(connection, movesOf(moves).map(([from, , table]) => [from, table]));
    const counted = await countRows(connections, inventory, { signal });
    return { tables: moves.flatMap((pair) => compared(counted, pair)), holders };
  } finally {
    for (const connection of connections) connection.destroy();
  }
}

function compared(inventory: Inventory, { live, restored, incoming, outgoing }: SwapDraft["moves"][number]): SwapTable[] {
  const [mine, theirs] = [live, restored].map((name) => inventory.schemas.find((schema) => schema.name === name));
  const entry = (schema: SchemaEntry | undefined, name: string): SchemaEntry["tables"][number] | undefined => schema?.tables.find((table) => table.name === name);
  const names = [...new Set([...(mine?.tables ?? []), ...(theirs?.tables ?? [])].map(({ name }) => name))].sort();
  return names.map((table) => {
    const [here, there] = [entry(mine, table), entry(theirs, table)];
    const change = here && there ? (here.structure === there.structure ? "same-structure" : "other-structure") : there && incoming.includes(table) ? "comes" : outgoing.includes(table) ? "leaves" : "stays";
    return { schema: live, table, live: here?.rows ?? null, restored: there?.rows ?? null, change };
  });
}

function commandsOf({ way, moves, before, after, inventory }: SwapDraft): string[] {
  const present = new Set(inventory.schemas.map(({ name }) => name));
  const all = movesOf(moves);
  return [
    ...moves.flatMap(({ live, kept }) => [live, kept].filter((name) => !present.has(name)).map((name) => `CREATE DATABASE \`${name.replaceAll("`", "``")}\``)),
    ...(way === "held" ? [`LOCK TABLES ${all.map(([from, , table]) => `${quotePath(from, table)} WRITE`).join(", ")}`] : []),
    ...before.map(({ schema, name }) => `DROP TRIGGER ${quotePath(schema, name)}`),
    renameStatement(all),
    ...after.map(({ schema, name, table }) => `CREATE TRIGGER ${quotePath(schema, name)} … ON ${quotePath(schema, table)} …`),
    ...(way === "held" ? ["UNLOCK TABLES"] : []),
  ];
}

function warningsOf({ way, moves, before, inventory, holdingKeys }: SwapDraft, tables: readonly SwapTable[], holders: readonly SwapHolder[]): Fault[] {
  const differing = tables.filter(({ change }) => change === "other-structure").map(({ schema, table }) => `${schema}.${table}`);
  const withTriggers = [...new Set(before.map(({ schema, table }) => `${schema}.${table}`))];
  return [
    ...(holders.length > 0 ? [new Fault("SWAP_HELD_NOW", { params: { account: holders.map(({ id, account, seconds }) => `${id} (${account}, ${seconds} s)`).join(", ") } })] : []),
    ...(way === "brief" && withTriggers.length > 0 ? [new Fault("SWAP_WITHOUT_TRIGGERS", { params: { tables: listed(withTriggers) } })] : []),
    ...(differing.length > 0 ? [new Fault("SWAP_TABLES_DIFFER", { params: { tables: listed(differing) } })] : []),
    ...(holdingKeys.length > 0 ? [new Fault("SWAP_KEYS_HOLD", { params: { keys: listed(holdingKeys) } })] : []),
    ...moves.flatMap(({ live, restored }) => programsThatStay(inventory, live, restored)),
  ];
}

/** Views, routines and events that the copy has otherwise, or alone. Events of a copy are disabled, and so differ always: only their absence counts. */
function programsThatStay(inventory: Inventory, live: string, restored: string): Fault[] {
  const [mine, theirs] = [live, restored].map((name) => inventory.schemas.find((schema) => schema.name === name));
  const kinds = [["view", "views"], ["procedure", "procedures"], ["function", "functions"], ["event", "events"]] as const;
  const objects = kinds.flatMap(([kind, list]) => (theirs?.[list] ?? []).filter(({ name, definition }) => !mine?.[list].some((own) => own.name === name && (kind === "event" || own.definition === definition))).map(({ name }) => `${kind} ${name}`));
  return objects.length === 0 ? [] : [new Fault("SWAP_PROGRAMS_STAY", { params: { objects: listed(objects), schema: live, table: restored } })];
}
