import type { Inventory, SchemaEntry } from "#lib/contract/manifest/manifest.ts";
import type { Difference } from "#lib/contract/manifest/verification.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { checkTables } from "#worker/engines/checks/check-tables.ts";
import { readViews } from "#worker/engines/checks/read-views.ts";
import { collectInventory } from "#worker/engines/inventory/collect-inventory.ts";
import { compareInventory } from "#worker/engines/inventory/compare-inventory.ts";
import { countRows } from "#worker/engines/inventory/count-rows.ts";
import { connect } from "#worker/engines/server/connect.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { Draft } from "./draft.ts";

/** What of a schema is compared: rows and structure of the tables, or all its objects as well. */
export type VerifyDepth = "tables" | "all";

/** Counts, structures, definitions and the server's own checks against the manifest. Fault VERIFICATION_FAILED with the list of differences. */
export async function verifyRestored(context: RunContext, draft: Draft, at: Readonly<Record<string, string>>, depth: VerifyDepth): Promise<void> {
  const connections = await Promise.all([1, 2].map(() => connect(draft.access)));
  try {
    const [connection] = connections;
    if (!connection) return;
    const renamed = Object.fromEntries(Object.entries(at).map(([from, to]) => [to, from]));
    // Chosen tables in place: their keys at tables that stay point there already.
    const originals = draft.request.target.kind === "in-place" && draft.tables !== null ? { ...renamed, ...Object.fromEntries(Object.keys(at).map((name) => [name, name])) } : renamed;
    const found = await collectInventory(connection, { schemas: Object.values(at), flavor: draft.target.server.flavor, accounts: false, originals });
    const counted = await countRows(connections, found, {
      signal: context.signal,
      onProgress: ({ done, total, schema, table }) => context.progress({ stage: "verify", bytesDone: 0, itemsDone: done, itemsTotal: total, item: `${schema}.${table}` }),
    });
    const expected = expectedOf(draft, depth);
    const disabled = draft.request.target.kind === "beside";
    const trimmed = { ...counted, schemas: counted.schemas.map((schema) => (depth === "tables" ? withoutObjects(schema) : disabled ? { ...schema, events: [] } : schema)) };
    const differences: Difference[] = [
      ...compareInventory(expected, trimmed, { ignoreAccounts: true, names: at, loadedAt: new Date(context.clock.now()).toISOString().slice(0, 19).replace("T", " ") }),
      ...(await checkTables(connections, found, { critical: [], signal: context.signal })).differences,
      ...(depth === "all" ? (await readViews(connection, { ...expected, schemas: expected.schemas.map((schema) => ({ ...schema, name: at[schema.name] ?? schema.name })) })).differences : []),
    ];
    const [first] = differences;
    if (!first) return;
    throw new Fault("VERIFICATION_FAILED", {
      params: { difference: `${first.kind} ${first.object}: expected ${first.expected}, found ${first.found}` },
      detail: differences.slice(0, 500).map((item) => `${item.kind}\t${item.object}\t${item.expected}\t${item.found}`).join("\n"),
    });
  } finally {
    for (const connection of connections) connection.destroy();
  }
}

/** The manifest's inventory, cut to what was restored. Events of a copy are disabled and so differ on purpose. */
function expectedOf(draft: Draft, depth: VerifyDepth): Inventory {
  // The inventory has packages and libraries among the procedures, their kind before their name.
  const leftOut = new Set(draft.leftOut.map(({ schema, kind, name }) => (LISTED_KINDS.has(kind) ? `${schema} ${kind} ${name}` : `${schema} procedure ${kind} ${name}`)));
  const beside = draft.request.target.kind === "beside";
  return {
    accounts: [],
    schemas: draft.schemas.map((schema) => {
      const kept = <T extends { name: string }>(kind: string, list: T[]): T[] => list.filter(({ name }) => !leftOut.has(`${schema.name} ${kind} ${name}`));
      const whole: SchemaEntry = {
        ...schema,
        views: kept("view", schema.views),
        procedures: kept("procedure", schema.procedures),
        functions: kept("function", schema.functions),
        triggers: kept("trigger", schema.triggers),
        events: beside ? [] : schema.events,
      };
      const cut = depth === "tables" || draft.tables !== null ? withoutObjects(whole) : whole;
      return { ...cut, tables: cut.tables.filter(({ name }) => draft.tables === null || draft.tables.includes(name)) };
    }),
  };
}

function withoutObjects(schema: SchemaEntry): SchemaEntry {
  return { ...schema, views: [], procedures: [], functions: [], triggers: [], events: [], sequences: [] };
}

const LISTED_KINDS: ReadonlySet<string> = new Set(["view", "procedure", "function", "trigger", "event"]);
