// Brings a database to the newest schema: what `prisma migrate deploy` does, without its command line and without the
// URL in anybody's argv.
import { readDatabaseUrl } from '#lib/platform/env.ts';
import { onMaintenanceDatabase, openEngine } from './engine.ts';
import { readMigrations } from './migrations.ts';

/**
 * Applies every migration that is not applied yet, creating the database when it is missing. Safe to run by two at once:
 * the engine takes an advisory lock.
 * @param databaseUrl postgresql://user:password@host:port/database
 * @returns names of the migrations applied now
 * @throws Error with Prisma's explanation when a migration failed or was changed after it had been applied
 */
export async function migrateDeploy(databaseUrl: string): Promise<string[]> {
  await ensureDatabase(databaseUrl);
  const { engine, close } = await openEngine(databaseUrl);
  try {
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList: readMigrations(), filters: { externalTables: [], externalEnums: [] } });
    return appliedMigrationNames;
  } finally {
    await close();
  }
}

async function ensureDatabase(databaseUrl: string): Promise<void> {
  try {
    const { engine, close } = await openEngine(databaseUrl);
    await engine.version(null).finally(close);
  } catch (error) {
    if (!/Database .* does not exist/.test(String(error))) throw error;
    await onMaintenanceDatabase(databaseUrl, (name) => `CREATE DATABASE "${name.replaceAll('"', '""')}"`);
  }
}

if (import.meta.main) {
  const applied = await migrateDeploy(readDatabaseUrl().reveal());
  process.stdout.write(applied.length > 0 ? `applied: ${applied.join(', ')}\n` : 'nothing to apply\n');
}
