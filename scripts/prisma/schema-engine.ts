#!/usr/bin/env node
// Stands in for the `schema-engine` binary of the Prisma command line (PRISMA_SCHEMA_ENGINE_BINARY): the same JSON-RPC on
// stdio, answered by Prisma's own engine in WebAssembly. With it `prisma generate` and `prisma migrate ...` work offline.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type SchemaEngine, onMaintenanceDatabase, openEngine } from './engine.ts';

const Request = z.object({ id: z.number(), method: z.string(), params: z.unknown() });
const Printed = z.object({ stdout: z.string().nullish() });
const Datasource = z.object({ url: z.string() });

const METHODS = [
  'applyMigrations', 'createMigration', 'dbExecute', 'devDiagnostic', 'diagnoseMigrationHistory', 'diff', 'ensureConnectionValidity',
  'evaluateDataLoss', 'introspect', 'introspectSql', 'markMigrationApplied', 'markMigrationRolledBack', 'reset', 'schemaPush',
] as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    datamodels: { type: 'string', multiple: true, short: 'd' },
    datasource: { type: 'string' },
    'enabled-preview-features': { type: 'string' },
    'extension-types': { type: 'string' },
    version: { type: 'boolean', short: 'V' },
  },
});

if (values.version) process.stdout.write('schema-engine-cli 59be4fda12412a79eeb9c2ae727b6aa723593323\n');
else if (positionals[0] === 'cli') process.exitCode = await subcommand(positionals[1] ?? '');
else await serve();

/** JSON-RPC, one object per line, until stdin ends. */
async function serve(): Promise<void> {
  let opened: ReturnType<typeof openEngine> | undefined;
  const datamodels = values.datamodels?.map((path): [string, string] => [path, readFileSync(path, 'utf8')]);
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue;
    const message = Request.safeParse(JSON.parse(line));
    if (!message.success) continue; // the answer to a `print`
    const { id, method, params } = message.data;
    try {
      opened ??= openEngine(values.datasource ? url() : undefined, datamodels);
      const result = (await call((await opened).engine, method, params)) ?? {};
      const text = method === 'diff' ? Printed.parse(result).stdout : undefined;
      if (text) reply({ id: -1, method: 'print', params: { content: text.trimEnd() } });
      reply({ id, result });
    } catch (error) {
      reply({ id, error: { code: 4466, message: 'An error happened. Check the data field for details.', data: explain(error) } });
    }
  }
  await (await opened?.catch(() => undefined))?.close();
}

async function call(engine: SchemaEngine, method: string, params: unknown): Promise<unknown> {
  if (method === 'getDatabaseVersion') return engine.version(null);
  if (method === 'createDatabase') return onMaintenanceDatabase(url(), (name) => `CREATE DATABASE "${name.replaceAll('"', '""')}"`);
  const known = METHODS.find((name) => name === method);
  if (!known) throw new Error(`the stand-in schema engine does not know the method ${method}`);
  // The command line and this engine come from one release: their parameters are the same by construction.
  return (engine[known] as (input: unknown) => Promise<unknown>).call(engine, params);
}

/** `cli can-connect-to-database` and `cli create-database`; the caller drops the first line of stderr. */
async function subcommand(name: string): Promise<number> {
  try {
    if (name === 'can-connect-to-database') {
      const { engine, close } = await openEngine(url());
      await engine.version(null).finally(close);
    } else if (name === 'create-database') await onMaintenanceDatabase(url(), (database) => `CREATE DATABASE "${database.replaceAll('"', '""')}"`);
    else throw new Error(`unknown sub-command ${name}`);
    return 0;
  } catch (error) {
    const { message, error_code } = explain(error);
    const fields = { message, error_code: error_code ?? 'P1001', is_panic: false };
    process.stderr.write(`schema engine stand-in\n${JSON.stringify({ level: 'ERROR', target: 'schema_engine::logger', fields })}\n`);
    return 1;
  }
}

function url(): string {
  if (!values.datasource) throw new Error('no datasource URL: set DATABASE_URL');
  return Datasource.parse(JSON.parse(values.datasource)).url;
}

function reply(message: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

/** The engine's errors carry `code` (P1001 ...) and `meta`; PostgreSQL's `3D000` means that the database is missing. */
function explain(error: unknown): { is_panic: boolean; message: string; error_code?: string; meta?: unknown } {
  const message = error instanceof Error ? error.message : String(error);
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
  const meta = typeof error === 'object' && error !== null && 'meta' in error ? error.meta : undefined;
  const known = code?.startsWith('P') ? code : code === '3D000' || /DatabaseDoesNotExist|does not exist/.test(message) ? 'P1003' : undefined;
  return { is_panic: false, message, ...(known ? { error_code: known } : {}), ...(meta ? { meta } : {}) };
}
