import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { Secret } from "#lib/platform/secret.ts";
import { type Database, openDatabase } from "../open-database.ts";

const MIGRATIONS = join(import.meta.dirname, "../../../prisma/migrations");

export interface FreshDatabase {
  readonly url: string;
  readonly db: Database;
  /** SQL past Prisma, as an intruder or an administrator would. */
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

/** A database of a test's own, with the schema of the migrations. @param serverUrl any database of a server where we may create others */
export async function freshDatabase(serverUrl: string): Promise<FreshDatabase> {
  const name = `test_${randomUUID().replaceAll("-", "").slice(0, 12)}`;
  await once(serverUrl, `CREATE DATABASE "${name}"`);
  const address = new URL(serverUrl);
  address.pathname = `/${name}`;
  const url = address.href;
  for (const folder of readdirSync(MIGRATIONS, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort()) {
    await once(url, readFileSync(join(MIGRATIONS, folder, "migration.sql"), "utf8"));
  }
  const db = openDatabase({ url: new Secret(url) });
  return {
    url,
    db,
    sql: (text, values) => once(url, text, values),
    drop: async () => {
      await db.$disconnect();
      await once(serverUrl, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
    },
  };
}

async function once(url: string, text: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query(text, values);
    return rows ?? [];
  } finally {
    await client.end();
  }
}
