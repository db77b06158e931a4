import type { Connection, RowDataPacket } from "mysql2/promise";
import type { SwapHolder } from "#lib/contract/recovery/swap.ts";
import { tableId } from "#lib/domain/recovery/swap-keys.ts";

const MOST = 20;

/** Who holds these tables now: open transactions and statements. Where the server does not tell by table (MariaDB), every open transaction. Never their statements: those hold values. */
export async function readHolders(connection: Connection, tables: readonly (readonly [schema: string, table: string])[]): Promise<SwapHolder[]> {
  const wanted = new Set(tables.map(([schema, table]) => tableId(schema, table)));
  const found = new Map<string, { account: string; seconds: number; tables: Set<string> }>();
  for (const { id, account, seconds, schema, name } of await lockRows(connection)) {
    if (schema !== null && name !== null && !wanted.has(tableId(schema, name))) continue;
    const holder = found.get(id) ?? { account, seconds, tables: new Set<string>() };
    found.set(id, holder);
    if (schema !== null) holder.tables.add(`${schema}.${name}`);
  }
  const holders = [...found].map(([id, { tables: held, ...who }]) => ({ id, ...who, tables: [...held].sort().slice(0, MOST) }));
  return holders.sort((one, other) => other.seconds - one.seconds).slice(0, MOST);
}

interface LockRow {
  readonly id: string;
  readonly account: string;
  readonly seconds: number;
  readonly schema: string | null;
  readonly name: string | null;
}

/** Where nobody watches metadata locks, their table is empty and says nothing. */
async function lockRows(connection: Connection): Promise<LockRow[]> {
  const [watched] = await queried(connection, "SELECT 1 FROM performance_schema.setup_instruments WHERE NAME = 'wait/lock/metadata/sql/mdl' AND ENABLED = 'YES' AND @@performance_schema = 1").catch(() => []);
  const rows = await queried(connection, watched ? BY_TABLE : BY_TRANSACTION).catch(() => []);
  return rows.map((row) => ({ id: String(row.id), account: `${row.user ?? ""}@${row.host ?? ""}`, seconds: Number(row.seconds ?? 0), schema: row.s === null ? null : String(row.s), name: row.t === null ? null : String(row.t) }));
}

async function queried(connection: Connection, sql: string): Promise<RowDataPacket[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql);
  return rows;
}

const BY_TABLE = `SELECT o.PROCESSLIST_ID AS id, o.PROCESSLIST_USER AS user, o.PROCESSLIST_HOST AS host, o.PROCESSLIST_TIME AS seconds, l.OBJECT_SCHEMA AS s, l.OBJECT_NAME AS t
  FROM performance_schema.metadata_locks l JOIN performance_schema.threads o ON o.THREAD_ID = l.OWNER_THREAD_ID
  WHERE l.OBJECT_TYPE = 'TABLE' AND l.LOCK_STATUS = 'GRANTED' AND o.PROCESSLIST_ID IS NOT NULL AND o.PROCESSLIST_ID <> CONNECTION_ID()`;

const BY_TRANSACTION = `SELECT p.ID AS id, p.USER AS user, p.HOST AS host, TIMESTAMPDIFF(SECOND, x.trx_started, NOW()) AS seconds, NULL AS s, NULL AS t
  FROM information_schema.INNODB_TRX x JOIN information_schema.PROCESSLIST p ON p.ID = x.trx_mysql_thread_id WHERE p.ID <> CONNECTION_ID()`;
