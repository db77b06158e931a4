import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import mysql from "mysql2/promise";
import { Secret } from "#lib/platform/secret.ts";
import { migrateDeploy } from "#scripts/prisma/migrate-deploy.ts";
import { type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { type RunningPostgres, startPostgres } from "#scripts/services/postgres.ts";
import { type RunningRedis, startRedis } from "#scripts/services/redis.ts";
import { type RunningS3, startS3 } from "#scripts/services/s3.ts";
import { createBackupAccount } from "./backup-account.ts";
import type { DemoSecrets } from "./place.ts";
import { say } from "./say.ts";
import { seedDemo } from "./seed.ts";

export const BACKUP_USER = "salvagente_backup";

export interface DemoServers {
  readonly postgres: RunningPostgres;
  readonly redis: RunningRedis;
  readonly s3: RunningS3;
  readonly mysql: RunningMysql;
}

/** Starts every server of the demo on free ports and fills what is empty. `started` gets each one's stop as soon as it runs. */
export async function startServers(folder: string, secrets: DemoSecrets, megabytes: number, started: (stop: () => Promise<void>) => void): Promise<DemoServers> {
  const note = async <T extends { stop(): Promise<void> }>(server: Promise<T>): Promise<T> => {
    const running = await server;
    started(() => running.stop());
    return running;
  };
  say("starting PostgreSQL, Redis, the S3 server and MySQL");
  const [postgres, redis, s3, database] = await Promise.all([
    note(startPostgres({ dataDir: join(folder, "postgres"), password: secrets.postgres })),
    note(startRedis({ dataDir: join(folder, "redis"), password: secrets.redis })),
    note(startS3({ dataDir: join(folder, "s3") })),
    note(startMysql({ flavor: "mysql", dataDir: join(folder, "mysql"), keep: true, password: secrets.mysqlRoot })),
  ]);
  await migrateDeploy(postgres.url);
  await fill(folder, database, secrets, megabytes);
  return { postgres, redis, s3, mysql: database };
}

/** Login of the demo server's root, for seeding and write load. */
export function rootLogin(database: RunningMysql): { socketPath: string; user: string; password: string } {
  return { socketPath: database.socket, user: database.user, password: database.password };
}

/** Seeds once; a seed that was cut short is thrown away and made again. */
async function fill(folder: string, database: RunningMysql, secrets: DemoSecrets, megabytes: number): Promise<void> {
  const mark = join(folder, "seeded");
  const connection = await mysql.createConnection(rootLogin(database));
  try {
    if (existsSync(mark)) {
      say(`MySQL ${database.version} with the demo data of ${readFileSync(mark, "utf8")} MB`);
    } else {
      await connection.query("DROP DATABASE IF EXISTS gestionelogistica");
      await connection.query("DROP DATABASE IF EXISTS gestionelogistica_archivio");
      say(`MySQL ${database.version}: making ${megabytes} MB of logistics data`);
      const { rows, seconds } = await seedDemo({ connection: rootLogin(database), megabytes, flavor: "mysql" });
      say(`${rows} rows in ${seconds.toFixed(1)} s`);
      writeFileSync(mark, String(megabytes));
    }
    await createBackupAccount(connection, { user: BACKUP_USER, password: new Secret(secrets.mysqlBackup), flavor: "mysql" });
  } finally {
    await connection.end();
  }
}
