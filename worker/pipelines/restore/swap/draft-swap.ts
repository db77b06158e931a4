import type { Connection, RowDataPacket } from "mysql2/promise";
import type { Assertion } from "#lib/contract/config/server.ts";
import type { Inventory, SchemaEntry, SourceServer } from "#lib/contract/manifest/manifest.ts";
import type { MovedTables, SavedTrigger, SwapPair, SwapRecord, SwapRequest } from "#lib/contract/recovery/swap.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { checksAbout } from "#lib/domain/recovery/own-checks.ts";
import { type ForeignKey, keysOfSwap, tableId } from "#lib/domain/recovery/swap-keys.ts";
import { requireAssertionSchemas } from "#worker/engines/checks/run-assertions.ts";
import { collectInventory } from "#worker/engines/inventory/collect-inventory.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import { identify, series } from "#worker/engines/server/identify.ts";
import { accessOf } from "#worker/host/access.ts";
import { type HostRuntime, requireServer } from "#worker/host/runtime.ts";
import { readRecord, requireFinished } from "./swap-record.ts";
import { inSchema, needsOtherCollation, saveTriggers } from "./swap-triggers.ts";

/** All that a swap will do, found out anew when it is planned and again when it runs. */
export interface SwapDraft {
  readonly request: SwapRequest;
  readonly access: ServerAccess;
  readonly environment: string;
  readonly server: SourceServer;
  /** Both sides as they are now; what stands in a copy hashes as in its original. */
  readonly inventory: Inventory;
  readonly moves: readonly MovedTables[];
  readonly way: SwapRecord["way"];
  /** Triggers of all tables that move, where they stand now; and all that shall stand afterwards. */
  readonly before: readonly SavedTrigger[];
  readonly after: readonly SavedTrigger[];
  /** Foreign keys of tables that are moved away and still point to tables that stay. */
  readonly holdingKeys: readonly string[];
  /** The server's own checks that the exchanged tables must pass. */
  readonly checks: readonly Assertion[];
  /** What the hash of a plan covers. */
  readonly binding: unknown;
}

/** Reads both sides and decides. Faults: TARGET_NOT_ALLOWED, SWAP_UNFINISHED, SWAP_CLOSED, SWAP_SCHEMA_MISSING, SWAP_NOTHING, SWAP_CLASH, TARGET_NOT_EMPTY, TARGET_REFERENCED, ASSERTION_SCHEMA_MISSING, SERVER_*. */
export async function draftSwap(host: HostRuntime, request: SwapRequest): Promise<SwapDraft> {
  const config = requireServer(host.settings, request.server);
  if (!config.restoreTarget) throw new Fault("TARGET_NOT_ALLOWED", { params: { server: config.name } });
  requireFinished(host.folders, request.server);
  requireDistinct(request.pairs);
  const undone = request.undoes === undefined ? null : undoable(readRecord(host.folders, request.undoes));
  const access = await accessOf(config, host.identity, "restore");
  const connection = await connect(access);
  try {
    const server = await identify(connection, config.name);
    const inventory = await readSides(connection, request, server);
    const moves = request.pairs.map((pair) => movedTables(pair, inventory, { moveRest: request.moveRest, undone }));
    const { crossing, holding } = keysOfSwap(await foreignKeys(connection), moving(moves, inventory, await allTables(connection)));
    if (crossing.length > 0) throw new Fault("TARGET_REFERENCED", { params: { keys: crossing.slice(0, 10).join(", ") } });
    const triggers = await triggersOf(connection, { server, inventory, moves, undone });
    const way = series(server.version)[0] >= 8 && server.flavor === "mysql" && !needsOtherCollation([...triggers.before, ...triggers.after]) ? "held" : "brief";
    const checks = await checksOf(config.assertions, request, access);
    const draft = { request, access, environment: config.environment, server, inventory, moves, way, ...triggers, holdingKeys: holding, checks } as const;
    return { ...draft, binding: bindingOf(draft) };
  } finally {
    connection.destroy();
  }
}

/** Those about a schema that changes, and those that name none. Fault ASSERTION_SCHEMA_MISSING. */
async function checksOf(assertions: readonly Assertion[], { pairs, ownChecks }: SwapRequest, access: ServerAccess): Promise<Assertion[]> {
  const live = pairs.map((pair) => pair.live);
  const checks = ownChecks ? checksAbout(assertions, live) : [];
  await requireAssertionSchemas(access, checks, live);
  return checks;
}

function requireDistinct(pairs: readonly SwapPair[]): void {
  const names = pairs.flatMap(({ live, restored, kept }) => [live, restored, kept].map((name) => name.toLowerCase()));
  const wrong = names.filter((name, at) => names.indexOf(name) !== at || /^(mysql|sys|information_schema|performance_schema)$/.test(name));
  if (wrong.length > 0) throw new Fault("INPUT_INVALID", { params: { fields: `pairs: ${[...new Set(wrong)].join(", ")}` } });
}

/** Fault SWAP_CLOSED unless its exchange stands and what it replaced is still there. */
function undoable(record: SwapRecord): SwapRecord {
  if (record.state !== "swapped") throw new Fault("SWAP_CLOSED", { params: { run: record.runId } });
  return record;
}

async function readSides(connection: Connection, { pairs }: SwapRequest, { flavor }: SourceServer): Promise<Inventory> {
  const [rows] = await connection.query<RowDataPacket[]>("SELECT SCHEMA_NAME AS v FROM information_schema.SCHEMATA");
  const present = new Set(rows.map((row) => String(row.v)));
  const missing = pairs.filter(({ restored }) => !present.has(restored));
  if (missing.length > 0) throw new Fault("SWAP_SCHEMA_MISSING", { params: { schema: missing.map(({ restored }) => restored).join(", ") } });
  const schemas = pairs.flatMap(({ live, restored, kept }) => [live, restored, kept]).filter((name) => present.has(name));
  const originals = Object.fromEntries(pairs.flatMap(({ live, restored, kept }) => [[restored, live], [kept, live]]));
  return collectInventory(connection, { schemas, flavor, accounts: false, originals });
}

function movedTables(pair: SwapPair, inventory: Inventory, { moveRest, undone }: { readonly moveRest: boolean; readonly undone: SwapRecord | null }): MovedTables {
  const [live, restored, kept] = [pair.live, pair.restored, pair.kept].map((name) => inventory.schemas.find((schema) => schema.name === name));
  const incoming = tablesOf(restored);
  const present = tablesOf(live);
  const swapped = undone?.moves.find((moves) => moves.live === pair.live);
  const outgoing = swapped ? present.filter((name) => swapped.incoming.includes(name)) : moveRest ? present : present.filter((name) => incoming.includes(name));
  // Of a swap that found nothing in use, the way back only brings away what came.
  if (incoming.length === 0 && (!undone || outgoing.length === 0)) throw new Fault("SWAP_NOTHING", { params: { schema: pair.restored } });
  const inTheWay = [...(live?.views ?? []).map(({ name }) => name), ...present.filter((name) => !outgoing.includes(name))].filter((name) => incoming.includes(name));
  if (inTheWay.length > 0) throw new Fault("SWAP_CLASH", { params: { schema: pair.live, tables: inTheWay.join(", ") } });
  const occupied = undone ? tablesOf(kept).filter((name) => outgoing.includes(name)) : kept ? [pair.kept] : [];
  if (occupied.length > 0) throw new Fault("TARGET_NOT_EMPTY", { params: { name: undone ? occupied.map((name) => `${pair.kept}.${name}`).join(", ") : pair.kept } });
  return { ...pair, incoming, outgoing };
}

function tablesOf(schema: SchemaEntry | undefined): string[] {
  return [...(schema?.tables ?? []), ...(schema?.sequences ?? [])].map(({ name }) => name);
}

function moving(moves: readonly MovedTables[], inventory: Inventory, elsewhere: ReadonlySet<string>): Parameters<typeof keysOfSwap>[1] {
  const leaves = new Set(moves.flatMap(({ live, outgoing }) => outgoing.map((table) => tableId(live, table))));
  const comes = new Set(moves.flatMap(({ restored, incoming }) => incoming.map((table) => tableId(restored, table))));
  const own = new Set(inventory.schemas.flatMap((schema) => tablesOf(schema).map((table) => tableId(schema.name, table))));
  return { leaves, comes, exists: (schema, table) => own.has(tableId(schema, table)) || elsewhere.has(tableId(schema, table)) };
}

async function foreignKeys(connection: Connection): Promise<ForeignKey[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    "SELECT DISTINCT CONSTRAINT_NAME AS k, TABLE_SCHEMA AS s, TABLE_NAME AS t, REFERENCED_TABLE_SCHEMA AS rs, REFERENCED_TABLE_NAME AS rt FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_NAME IS NOT NULL",
  );
  return rows.map((row) => ({ schema: String(row.s), table: String(row.t), name: String(row.k), toSchema: String(row.rs), toTable: String(row.rt) }));
}

async function allTables(connection: Connection): Promise<Set<string>> {
  const [rows] = await connection.query<RowDataPacket[]>("SELECT TABLE_SCHEMA AS s, TABLE_NAME AS t FROM information_schema.TABLES WHERE TABLE_TYPE <> 'VIEW'");
  return new Set(rows.map((row) => tableId(String(row.s), String(row.t))));
}

interface TriggerReading {
  readonly server: SourceServer;
  readonly inventory: Inventory;
  readonly moves: readonly MovedTables[];
  readonly undone: SwapRecord | null;
}

/**
 * Triggers of the live schema stay those of the live schema: made again on the tables that come. What only the copy has comes with its table. An undo gives each side back
 * what the swap found there, and keeps live triggers that were made since.
 */
async function triggersOf(connection: Connection, { server, inventory, moves, undone }: TriggerReading): Promise<{ before: SavedTrigger[]; after: SavedTrigger[] }> {
  const before: SavedTrigger[] = [];
  const after: SavedTrigger[] = [];
  for (const { live, restored, kept, incoming, outgoing } of moves) {
    const of = (name: string, tables: readonly string[]): Promise<SavedTrigger[]> => {
      const schema = inventory.schemas.find((one) => one.name === name);
      return schema ? saveTriggers(connection, server.flavor, schema, new Set(tables)) : Promise.resolve([]);
    };
    const [own, copies] = [await of(live, outgoing), await of(restored, incoming)];
    before.push(...own, ...copies);
    const earlier = undone?.before.filter(({ schema }) => schema === live || schema === kept) ?? [];
    const brought = new Set(undone?.after.filter(({ schema, name }) => schema === live && !earlier.some((one) => one.schema === live && one.name === name)).map(({ name }) => name) ?? []);
    const stay = own.filter(({ table, name }) => incoming.includes(table) && !brought.has(name));
    const others = undone ? earlier.filter(({ schema }) => schema === live) : copies.map((trigger) => inSchema(trigger, live));
    after.push(...stay, ...others.filter(({ name }) => !stay.some((one) => one.name === name)), ...earlier.filter(({ schema }) => schema === kept));
  }
  return { before, after };
}

function bindingOf({ request, server, inventory, moves, way, before, after, checks }: Omit<SwapDraft, "binding">): unknown {
  const definitions = inventory.schemas.map(({ name, tables, views, procedures, functions, events }) => ({
    name,
    tables: tables.map((table) => `${table.name} ${table.structure}`),
    programs: [views, procedures, functions, events].map((list) => list.map((entry) => `${entry.name} ${entry.definition}`)),
  }));
  return { request, uuid: server.uuid, version: server.version, way, moves, definitions, before, after, checks };
}
