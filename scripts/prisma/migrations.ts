// Migrations on disk, as the schema engine wants them.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { MigrationList } from '@prisma/schema-engine-wasm';

const CHECKOUT = join(import.meta.dirname, '../..');

/** All folders of prisma/migrations in the order they apply, with their SQL. */
export function readMigrations(folder: string = join(CHECKOUT, 'prisma/migrations')): MigrationList {
  const directories = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort();
  return {
    baseDir: folder,
    lockfile: { path: 'migration_lock.toml', content: readFileSync(join(folder, 'migration_lock.toml'), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: directories.map((path) => ({
      path,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: readFileSync(join(folder, path, 'migration.sql'), 'utf8') } },
    })),
  };
}
