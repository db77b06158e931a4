// Real servers for the live tests, started once per run; a test reads them with `inject('services')`.
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type RunningMysql, startMysql } from '#scripts/services/mysql.ts';
import { sweepTemporaryFolders, temporaryFolder } from '#scripts/services/place.ts';
import { startPostgres } from '#scripts/services/postgres.ts';
import { startRedis } from '#scripts/services/redis.ts';
import { startS3 } from '#scripts/services/s3.ts';
import { rmSync } from 'node:fs';

type Mysql = { host: string; port: number; socket: string; user: string; password: string; version: string; dataDir: string };

/** What live tests find. Servers are shared: make databases, buckets and key prefixes of your own, drop none of others. */
export type LiveServices = {
  /** `url` is the database `salvagente`; create others by SQL (the user is superuser). */
  postgres: { url: string; port: number; user: string; password: string };
  redis: { url: string; port: number; password: string };
  mysql: Mysql;
  mariadb: Mysql;
  s3: { endpoint: string; region: string; accessKeyId: string; secretAccessKey: string };
};

declare module 'vitest' {
  export interface ProvidedContext {
    services: LiveServices;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  sweepTemporaryFolders();
  const folder = temporaryFolder('live');
  const started = await Promise.allSettled([
    startPostgres({ dataDir: join(folder, 'postgres') }),
    startRedis({ dataDir: join(folder, 'redis') }),
    startMysql({ flavor: 'mysql' }),
    startMysql({ flavor: 'mariadb' }),
    startS3({ dataDir: join(folder, 's3') }),
  ]);
  const stopAll = async () => {
    await Promise.all(started.map((one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
    rmSync(folder, { recursive: true, force: true });
  };
  const [postgres, redis, mysql, mariadb, s3] = started;
  const failed = started.find((one) => one.status === 'rejected');
  if (failed || postgres.status !== 'fulfilled' || redis.status !== 'fulfilled' || mysql.status !== 'fulfilled' || mariadb.status !== 'fulfilled' || s3.status !== 'fulfilled') {
    await stopAll();
    throw failed?.status === 'rejected' ? failed.reason : new Error('a server did not start');
  }
  project.provide('services', {
    postgres: pick(postgres.value, 'url', 'port', 'user', 'password'),
    redis: pick(redis.value, 'url', 'port', 'password'),
    mysql: mysqlOf(mysql.value),
    mariadb: mysqlOf(mariadb.value),
    s3: pick(s3.value, 'endpoint', 'region', 'accessKeyId', 'secretAccessKey'),
  });
  return stopAll;
}

function mysqlOf(server: RunningMysql): Mysql {
  return pick(server, 'host', 'port', 'socket', 'user', 'password', 'version', 'dataDir');
}

function pick<T, K extends keyof T>(from: T, ...keys: K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}
