import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { toolPaths } from '#scripts/setup/tools.ts';
import { type RunningServer, asUser, environment, giveToServer, launch } from './launch.ts';
import { newPassword, temporaryFolder, withFreePort } from './place.ts';

export type RunningPostgres = RunningServer & {
  /** URL of the database that was asked for. */
  url: string;
  port: number;
  user: string;
  password: string;
  /** Creates another empty database in the same server and returns its URL. */
  createDatabase(name: string): Promise<string>;
};

const USER = 'salvagente';

/**
 * Starts PostgreSQL on 127.0.0.1 with scram-sha-256. A new `dataDir` is initialised; an existing one is started with the
 * `password` it was made with.
 */
export function startPostgres(options: { dataDir: string; port?: number; password?: string; database?: string }): Promise<RunningPostgres> {
  const { dataDir, password = newPassword(), database = 'salvagente' } = options;
  const home = toolPaths().postgres;
  const env = { LD_LIBRARY_PATH: join(home, 'lib') };
  if (!existsSync(join(dataDir, 'PG_VERSION'))) initialise(home, dataDir, password, env);
  const start = async (port: number): Promise<RunningPostgres> => {
    const urlOf = (name: string) => `postgresql://${USER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${encodeURIComponent(name)}`;
    const server = await launch({
      title: 'PostgreSQL',
      file: join(home, 'bin/postgres'),
      args: ['-D', dataDir, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'max_connections=200'],
      env,
      logFile: `${dataDir}.log`,
      stopSignal: 'SIGINT', // fast shutdown: SIGTERM would wait for clients to leave
      ready: () => query(urlOf('postgres'), 'SELECT 1'),
    });
    const createDatabase = async (name: string) => {
      const quoted = `"${name.replaceAll('"', '""')}"`;
      await query(urlOf('postgres'), `CREATE DATABASE ${quoted}`);
      return urlOf(name);
    };
    if (!(await query(urlOf(database), 'SELECT 1').catch(() => false))) await createDatabase(database);
    return { ...server, url: urlOf(database), port, user: USER, password, createDatabase };
  };
  return options.port === undefined ? withFreePort(start) : start(options.port);
}

function initialise(home: string, dataDir: string, password: string, env: Record<string, string>): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  giveToServer(dataDir);
  const folder = temporaryFolder('pw');
  const file = join(folder, 'pw');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  giveToServer(file);
  try {
    const args = ['-D', dataDir, '-U', USER, '--auth=scram-sha-256', `--pwfile=${file}`, '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'];
    const { status, stdout, stderr } = spawnSync('setpriv', [...asUser(), '--no-new-privs', '--', join(home, 'bin/initdb'), ...args], { env: environment(env), cwd: '/', encoding: 'utf8', timeout: 120_000 });
    if (status !== 0) throw new Error(`PostgreSQL could not be initialised in ${dataDir}: ${stderr || stdout}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function query(url: string, sql: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(sql);
    return true;
  } finally {
    await client.end().catch(() => {});
  }
}
