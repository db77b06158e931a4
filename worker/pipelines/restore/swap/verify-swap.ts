import type { Connection } from "mysql2/promise";
import type { SchemaEntry } from "#lib/contract/manifest/manifest.ts";
import { quotePath } from "#lib/domain/backup/sql-name.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { collectInventory } from "#worker/engines/inventory/collect-inventory.ts";
import { countRows } from "#worker/engines/inventory/count-rows.ts";
import { connect } from "#worker/engines/server/connect.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import { requireChecks } from "#worker/pipelines/verify/own-checks.ts";
import type { SwapDraft } from "./draft-swap.ts";

/** Views of the live schemas that can be read now, as `[schema, view]`. */
export async function readableViews(connection: Connection, { moves, inventory }: SwapDraft): Promise<(readonly [string, string])[]> {
  const readable: (readonly [string, string])[] = [];
  for (const { live } of moves) {
    for (const { name } of inventory.schemas.find((schema) => schema.name === live)?.views ?? []) if ((await whyUnreadable(connection, live, name)) === null) readable.push([live, name]);
  }
  return readable;
}

/** Every table where it belongs, built as it was there before it moved, every trigger on its table, every view that could be read still readable, every own check of the server passed; then the rows on both sides are told. Faults VERIFICATION_FAILED, SWAP_CHECK_FAILED. */
export async function verifySwap(context: RunContext, draft: SwapDraft, readable: readonly (readonly [string, string])[]): Promise<void> {
  const { moves, inventory, server, access } = draft;
  const connections = await Promise.all([1, 2].map(() => connect(access)));
  try {
    const [connection] = connections;
    if (!connection) return;
    const originals = Object.fromEntries(moves.flatMap(({ live, restored, kept }) => [[restored, live], [kept, live]]));
    const now = await collectInventory(connection, { schemas: moves.flatMap(({ live, kept }) => [live, kept]), flavor: server.flavor, accounts: false, originals });
    const of = (list: readonly SchemaEntry[], name: string): SchemaEntry | undefined => list.find((schema) => schema.name === name);
    const differences = moves.flatMap(({ live, restored, kept, incoming, outgoing }) => [
      ...differing(incoming, [of(inventory.schemas, restored), of(now.schemas, live)], live),
      ...differing(outgoing, [of(inventory.schemas, live), of(now.schemas, kept)], kept),
    ]);
    const present = new Set(now.schemas.flatMap((schema) => schema.triggers.map(({ name, table }) => `${schema.name} ${table} ${name}`)));
    for (const { schema, table, name } of draft.after) if (moves.some(({ live }) => live === schema) && !present.has(`${schema} ${table} ${name}`)) differences.push(`trigger ${schema}.${name}`);
    for (const [schema, view] of readable) {
      const why = await whyUnreadable(connection, schema, view);
      if (why !== null) differences.push(`view ${schema}.${view}: ${why}`);
    }
    const [first] = differences;
    if (first !== undefined) throw new Fault("VERIFICATION_FAILED", { params: { difference: first }, detail: differences.slice(0, 500).join("\n") });
    await requireChecks(context, access, { checks: draft.checks, schemas: draft.request.pairs.map(({ live }) => live), fault: "SWAP_CHECK_FAILED" });
    const counted = await countRows(connections, now, { signal: context.signal });
    for (const { live, kept } of moves) context.log("info", `${live}: ${rowsOf(of(counted.schemas, live))}; kept in ${kept}: ${rowsOf(of(counted.schemas, kept))}`);
  } finally {
    for (const connection of connections) connection.destroy();
  }
}

function differing(names: readonly string[], [before, now]: readonly (SchemaEntry | undefined)[], schema: string): string[] {
  const structure = (side: SchemaEntry | undefined, name: string): string | undefined => side?.tables.find((table) => table.name === name)?.structure ?? side?.sequences.find((sequence) => sequence.name === name)?.definition;
  return names.filter((name) => structure(before, name) === undefined || structure(before, name) !== structure(now, name)).map((name) => `table ${schema}.${name}`);
}

function rowsOf(schema: SchemaEntry | undefined): string {
  return (schema?.tables ?? []).map(({ name, rows }) => `${name} ${rows}`).join(", ");
}

async function whyUnreadable(connection: Connection, schema: string, view: string): Promise<string | null> {
  try {
    await connection.query(`SELECT * FROM ${quotePath(schema, view)} LIMIT 0`);
    return null;
  } catch (error) {
    const { errno, message } = error as { errno?: number; message: string };
    if (errno === undefined) throw error;
    return message;
  }
}
