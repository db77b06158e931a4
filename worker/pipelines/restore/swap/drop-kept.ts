import type { Connection, RowDataPacket } from "mysql2/promise";
import type { SwapRecord } from "#lib/contract/recovery/swap.ts";
import { quoteName } from "#lib/domain/backup/sql-name.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { accessOf } from "#worker/host/access.ts";
import { withRunLock } from "#worker/host/run-lock.ts";
import { type HostRuntime, requireServer } from "#worker/host/runtime.ts";
import { restoreSubject } from "../run-records.ts";
import { readRecord, requireFinished, writeRecord } from "./swap-record.ts";
import { dropEmptySchemas } from "./swap-schemas.ts";

/**
 * Drops what a swap replaced: from then on it cannot be undone. Only the tables that it moved there may be in it. `typed`: the kept schema, or the server where there are
 * several. Gives the schemas that are gone. Faults NOT_FOUND, SWAP_CLOSED, SWAP_UNFINISHED, TYPED_NAME_WRONG, TARGET_NOT_EMPTY, TARGET_REFERENCED.
 */
export async function dropKept(host: HostRuntime, runId: string, typed: string | undefined): Promise<string[]> {
  const { server, pairs } = readRecord(host.folders, runId).request;
  return withRunLock(host.folders.locks, restoreSubject(server), async () => {
    // Only now: while the lock was somebody else's, the swap may have been undone, and its tables be in use again.
    const record = readRecord(host.folders, runId);
    requireFinished(host.folders, server);
    if (record.state !== "swapped") throw new Fault("SWAP_CLOSED", { params: { run: runId } });
    const expected = dropName(record);
    if (typed !== expected) throw new Fault("TYPED_NAME_WRONG", { params: { expected } });
    const connection = await connect(await accessOf(requireServer(host.settings, server), host.identity, "restore"));
    try {
      const kept = pairs.map((pair) => pair.kept);
      await requireOnlyOurs(connection, record.moves.map((moves) => [moves.kept, moves.outgoing]));
      await requireUnreferenced(connection, kept);
      await connection.query("SET SESSION foreign_key_checks = 0");
      for (const name of kept) await connection.query(`DROP DATABASE IF EXISTS ${quoteName(name)}`);
      await dropEmptySchemas(connection, pairs.map(({ restored }) => restored));
      writeRecord(host.folders, { ...record, state: "dropped" });
      return kept;
    } finally {
      connection.destroy();
    }
  });
}

/** What must be typed: the kept schema, or the server where there are several. */
export function dropName({ request: { pairs, server } }: Pick<SwapRecord, "request">): string {
  const [only] = pairs;
  return pairs.length === 1 && only ? only.kept : server;
}

/** Somebody may have put a table of theirs there. */
async function requireOnlyOurs(connection: Connection, schemas: readonly (readonly [name: string, tables: readonly string[]])[]): Promise<void> {
  for (const [name, tables] of schemas) {
    const [rows] = await connection.query<RowDataPacket[]>("SELECT TABLE_NAME AS t FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE <> 'VIEW'", [name]);
    const others = rows.map((row) => String(row.t)).filter((table) => !tables.includes(table));
    if (others.length > 0) throw new Fault("TARGET_NOT_EMPTY", { params: { name: others.map((table) => `${name}.${table}`).join(", ") } });
  }
}

async function requireUnreferenced(connection: Connection, schemas: readonly string[]): Promise<void> {
  const [rows] = await connection.query<RowDataPacket[]>(
    "SELECT DISTINCT TABLE_SCHEMA AS s, TABLE_NAME AS t, CONSTRAINT_NAME AS k FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_SCHEMA IN (?) AND TABLE_SCHEMA NOT IN (?)",
    [schemas, schemas],
  );
  if (rows.length > 0) throw new Fault("TARGET_REFERENCED", { params: { keys: rows.map((row) => `${row.s}.${row.t}.${row.k}`).join(", ") } });
}
