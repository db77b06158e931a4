// Prisma's schema engine as WebAssembly, over the pg driver: migrations without the engine binary that Prisma downloads
// from its own host, which a closed network does not reach. Pinned beside Prisma in package.json.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum, type SqlDriverAdapter, type SqlMigrationAwareDriverAdapterFactory, bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type * as Engine from '@prisma/schema-engine-wasm';
import { Client, Pool, type QueryResult } from 'pg';

/** PostgreSQL's catalog type `"char"` (OID 18): adapter-pg has no mapping for it. */
const CATALOG_CHAR = 18;
const TEXT = 25;
/** Appended to the name of a `"char"` column on its way through adapter-pg. */
const MARK = '\u0000char';

export type SchemaEngine = Engine.SchemaEngine;

/**
 * Opens the engine on a database; without `url` it can only compare schema files.
 * @param datamodels [path, content] of schema files, for commands that need them
 */
export async function openEngine(url: string | undefined, datamodels?: [string, string][]): Promise<{ engine: SchemaEngine; close(): Promise<void> }> {
  const pools: Pool[] = [];
  const open = (address: string) => {
    const pool = poolOf(address);
    pools.push(pool);
    return pool;
  };
  const close = async () => void (await Promise.all(pools.map((pool) => (pool.ended || pool.ending ? undefined : pool.end()))));
  const { SchemaEngine: Wasm } = await wasm();
  try {
    const engine = await Wasm.new({ datamodels }, () => {}, bindMigrationAwareSqlAdapterFactory(factory(url, open)));
    return { engine, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Where the database of `url` lives, as a connection to the maintenance database `postgres`. */
export async function onMaintenanceDatabase(url: string, sql: (database: string) => string): Promise<void> {
  const client = new Client({ connectionString: withDatabase(url, 'postgres'), connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query(sql(databaseOf(url)));
  } finally {
    await client.end();
  }
}

function factory(given: string | undefined, open: (address: string) => Pool): SqlMigrationAwareDriverAdapterFactory {
  const url = () => {
    if (given === undefined) throw new Error('this command needs a database: set DATABASE_URL');
    return given;
  };
  const connect = async (address: string, dispose: (pool: Pool) => Promise<void>): Promise<SqlDriverAdapter> => {
    const pool = open(address);
    const adapter = await new PrismaPg(pool).connect();
    return withCatalogTypes(adapter, pool, () => dispose(pool));
  };
  return {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: async () => connect(url(), (pool) => pool.end()),
    // adapter-pg's own shadow database would reach the real one: `database` loses against the connection string
    connectToShadowDb: async () => {
      const shadow = `prisma_shadow_${randomUUID().replaceAll('-', '')}`;
      await onMaintenanceDatabase(url(), () => `CREATE DATABASE "${shadow}"`);
      return connect(withDatabase(url(), shadow), async (pool) => {
        await pool.end();
        await onMaintenanceDatabase(url(), () => `DROP DATABASE IF EXISTS "${shadow}" WITH (FORCE)`);
      });
    },
  };
}

/** Lets `"char"` columns through as text and marks them Character afterwards; runs a script whole, `$$ ; $$` and all. */
function withCatalogTypes(adapter: SqlDriverAdapter, pool: Pool, dispose: () => Promise<void>): SqlDriverAdapter {
  return {
    provider: adapter.provider,
    adapterName: adapter.adapterName,
    executeRaw: (query) => adapter.executeRaw(query),
    startTransaction: (level) => adapter.startTransaction(level),
    getConnectionInfo: () => ({ schemaName: 'public', supportsRelationJoins: true }),
    dispose,
    executeScript: async (script) => void (await pool.query(script)),
    queryRaw: async (query) => {
      const result = await adapter.queryRaw(query);
      const isChar = result.columnNames.map((name) => name.endsWith(MARK));
      return {
        ...result,
        columnNames: result.columnNames.map((name) => name.replace(MARK, '')),
        columnTypes: result.columnTypes.map((type, column) => (isChar[column] ? ColumnTypeEnum.Character : type)),
      };
    },
  };
}

/** A small pool whose results name `"char"` columns as marked text columns. */
function poolOf(address: string): Pool {
  const pool = new Pool({ connectionString: address, max: 2, connectionTimeoutMillis: 10_000 });
  const query = pool.query.bind(pool) as (...args: unknown[]) => Promise<QueryResult>;
  const marked = async (...args: unknown[]) => {
    const result = await query(...args);
    for (const field of result.fields ?? []) {
      if (field.dataTypeID === CATALOG_CHAR) Object.assign(field, { dataTypeID: TEXT, name: `${field.name}${MARK}` });
    }
    return result;
  };
  return Object.assign(pool, { query: marked });
}

let loaded: Promise<typeof Engine> | undefined;

/** Once per process: a second instance would pull the memory from under the first. */
function wasm(): Promise<typeof Engine> {
  loaded ??= loadWasm();
  return loaded;
}

async function loadWasm(): Promise<typeof Engine> {
  const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const bytes = readFileSync(new URL('schema_engine_bg.wasm', import.meta.resolve('@prisma/schema-engine-wasm/schema_engine_bg')));
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': bindings as unknown as WebAssembly.ModuleImports });
  const { __wbg_set_wasm: setWasm } = bindings as unknown as { __wbg_set_wasm(exports: WebAssembly.Exports): void };
  setWasm(instance.exports);
  const start = instance.exports.__wbindgen_start;
  if (typeof start === 'function') start();
  return bindings as unknown as typeof Engine;
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(database)}`;
  return changed.href;
}

function databaseOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}
