import { randomUUID } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Client } from 'pg';
import { expect, inject, test } from 'vitest';
import { onMaintenanceDatabase } from './engine.ts';
import { prisma } from './generate.ts';
import { migrateDeploy } from './migrate-deploy.ts';
import { readMigrations } from './migrations.ts';

const { url } = inject('services').postgres;

function newDatabase(): string {
  const fresh = new URL(url);
  fresh.pathname = `/migrations_${randomUUID().slice(0, 8)}`;
  return fresh.href;
}

test('the migrations, run one after the other, make exactly prisma/schema.prisma', async () => {
  const args = ['migrate', 'diff', '--from-migrations', 'prisma/migrations', '--to-schema', 'prisma/schema.prisma', '--exit-code'];
  expect(await prisma(args, { DATABASE_URL: url }), 'exit code 2: make a migration with `prisma migrate dev --name <what>`').toBe(0);
});

test('the comparison sees a difference (so that its silence means something)', async () => {
  const args = ['migrate', 'diff', '--from-empty', '--to-schema', 'prisma/schema.prisma', '--exit-code'];
  expect(await prisma(args, { DATABASE_URL: url })).toBe(2);
});

test('deploy makes a missing database, applies everything once, and what it made is the schema', async () => {
  const database = newDatabase();
  const all = readMigrations().migrationDirectories.map(({ path }) => path);
  expect(await migrateDeploy(database)).toEqual(all);
  expect(await migrateDeploy(database)).toEqual([]);
  const args = ['migrate', 'diff', '--from-config-datasource', '--to-schema', 'prisma/schema.prisma', '--exit-code'];
  expect(await prisma(args, { DATABASE_URL: database })).toBe(0);
  expect(await prisma(['migrate', 'status'], { DATABASE_URL: database })).toBe(0);
  await onMaintenanceDatabase(database, (name) => `DROP DATABASE "${name}" WITH (FORCE)`);
});

test('deploy explains a migration that fails and leaves no shadow database behind', async () => {
  const database = newDatabase();
  await onMaintenanceDatabase(database, (name) => `CREATE DATABASE "${name}"`);
  const client = new Client({ connectionString: database });
  await client.connect();
  await client.query('CREATE TABLE "User" (other int)');
  await expect(migrateDeploy(database)).rejects.toThrow(/P3005|P3018|not empty|already exists/);
  const { rows } = await client.query("SELECT datname FROM pg_database WHERE datname LIKE 'prisma_shadow_%'");
  expect(rows).toEqual([]);
  await client.end();
  await onMaintenanceDatabase(database, (name) => `DROP DATABASE "${name}" WITH (FORCE)`);
});

test('the stand-in engine says which error it met, so that Prisma can explain it', () => {
  const missing = new URL(url);
  missing.pathname = '/no_such_database';
  let stderr = '';
  try {
    execFileSync(process.execPath, [join(import.meta.dirname, 'schema-engine.ts'), '--datasource', JSON.stringify({ url: missing.href }), 'cli', 'can-connect-to-database'], { stdio: 'pipe', encoding: 'utf8' });
  } catch (error) {
    stderr = String(Reflect.get(Object(error), 'stderr'));
  }
  expect(stderr).toContain('"error_code":"P1003"');
});
