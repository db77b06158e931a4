import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { toolPaths } from '#scripts/setup/tools.ts';
import { type RunningServer, giveToServer, launch } from './launch.ts';
import { prepareDataDir } from './mysql-template.ts';
import { newPassword, temporaryFolder, withFreePort } from './place.ts';

export type MysqlFlavor = 'mysql' | 'mariadb';

export type RunningMysql = RunningServer & {
  flavor: MysqlFlavor;
  host: '127.0.0.1';
  port: number;
  /** Unix socket; its path is short whatever dataDir is. */
  socket: string;
  /** root@localhost: by socket and by TCP from this machine. */
  user: 'root';
  password: string;
  dataDir: string;
  /** `SELECT VERSION()`, for instance `9.7.0` or `10.11.14-MariaDB-...`. */
  version: string;
};

export type MysqlOptions = {
  flavor: MysqlFlavor;
  /** Made and initialised when missing or empty. Default: a temporary folder, removed at stop. */
  dataDir?: string;
  /** More server options, `--name=value`; the last one wins over the defaults. */
  options?: string[];
  /** Leave `dataDir` behind at stop. Default: true when `dataDir` was given. */
  keep?: boolean;
  port?: number;
  /** Set as root@localhost's password at every start. Default: a new one. */
  password?: string;
  /** MySQL: a keyring (component_keyring_file) whose file stands beside `dataDir`, so that the server can encrypt what it writes. */
  keyring?: boolean;
};

/**
 * Starts a real mysqld or mariadbd on 127.0.0.1 and a socket, with row-based binary log (MySQL: GTIDs on), durable as in
 * production. Small memory: several run side by side.
 */
export async function startMysql(options: MysqlOptions): Promise<RunningMysql> {
  const { flavor, password = newPassword() } = options;
  const folder = temporaryFolder(flavor === 'mysql' ? 'my' : 'ma'); // socket, pid file, init file
  const dataDir = options.dataDir ?? join(folder, 'data');
  const keep = options.keep ?? options.dataDir !== undefined;
  const removeLeftovers = () => {
    rmSync(folder, { recursive: true, force: true });
    if (!keep) for (const path of [dataDir, keyringFolder(dataDir)]) rmSync(path, { recursive: true, force: true });
  };
  try {
    if (!existsSync(dataDir) || readdirSync(dataDir).length === 0) await prepareDataDir(flavor, dataDir, options.options ?? []);
    const start = (port: number) => startOn(port, { ...options, password, dataDir, folder });
    const server = await (options.port === undefined ? withFreePort(start) : start(options.port));
    const stop = async () => {
      await server.stop();
      removeLeftovers();
    };
    return { ...server, stop };
  } catch (error) {
    removeLeftovers();
    throw error;
  }
}

async function startOn(port: number, given: MysqlOptions & { password: string; dataDir: string; folder: string }): Promise<RunningMysql> {
  const { flavor, password, dataDir, folder } = given;
  const socket = join(folder, 's');
  const initFile = join(folder, 'init.sql');
  writeFileSync(initFile, `ALTER USER 'root'@'localhost' IDENTIFIED BY '${password.replaceAll('\\', '\\\\').replaceAll("'", "''")}';\n`, { mode: 0o600 });
  giveToServer(initFile);
  // A server at its start removes every `#sql*` file of its temporary folder: never one that it shares with another server.
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary, { recursive: true });
  giveToServer(temporary);
  const tools = toolPaths();
  const server = await launch({
    title: flavor === 'mysql' ? 'MySQL' : 'MariaDB',
    file: given.keyring ? withKeyring(folder, dataDir) : flavor === 'mysql' ? tools.mysql.mysqld : tools.mariadb.mariadbd,
    args: [...baseArgs(flavor, dataDir), ...(given.keyring ? [`--basedir=${mysqlBase()}`, `--lc-messages-dir=${join(mysqlBase(), 'share/mysql')}`, `--plugin-dir=${join(folder, 'plugin')}`] : []), `--port=${port}`, `--socket=${socket}`, `--pid-file=${join(folder, 'pid')}`, `--init-file=${initFile}`, `--tmpdir=${temporary}`, ...(given.options ?? [])],
    cwd: dataDir,
    logFile: `${dataDir}.log`,
    startPatience: 120_000,
    stopPatience: 60_000,
    ready: async () => (await versionOf(socket, password)) !== '',
  });
  rmSync(initFile, { force: true });
  const version = await versionOf(socket, password);
  return { ...server, flavor, host: '127.0.0.1', port, socket, user: 'root', password, dataDir, version };
}

/**
 * A server takes its keyring from a manifest beside its own program, and that component's settings from the plugin folder: the program gets another name in a folder
 * of this server alone. Gives that name.
 */
function withKeyring(folder: string, dataDir: string): string {
  const [programs, plugins, keys] = [join(folder, 'sbin'), join(folder, 'plugin'), keyringFolder(dataDir)];
  for (const path of [programs, plugins, keys]) mkdirSync(path, { recursive: true });
  const program = join(programs, 'mysqld');
  symlinkSync(join(mysqlBase(), 'sbin/mysqld'), program);
  const installed = join(mysqlBase(), 'lib/mysql/plugin');
  for (const name of readdirSync(installed)) symlinkSync(join(installed, name), join(plugins, name));
  writeFileSync(`${program}.my`, JSON.stringify({ components: 'file://component_keyring_file' }), { mode: 0o444 });
  writeFileSync(join(plugins, 'component_keyring_file.cnf'), JSON.stringify({ path: join(keys, 'keyring'), read_only: false }), { mode: 0o444 });
  giveToServer(keys);
  return program;
}

/** Outlives the server's other folders as long as its data. */
function keyringFolder(dataDir: string): string {
  return `${dataDir}.keyring`;
}

/** `usr` of the installed MySQL. */
function mysqlBase(): string {
  return join(toolPaths().toolsFolder, 'mysql/root/usr');
}

/** `--no-defaults` first: no option file of this machine may change a throw-away server. */
function baseArgs(flavor: MysqlFlavor, dataDir: string): string[] {
  const common = [
    '--no-defaults',
    `--datadir=${dataDir}`,
    '--bind-address=127.0.0.1',
    `--server-id=${randomInt(1, 2 ** 31)}`,
    '--log-bin=binlog',
    '--binlog-format=ROW',
    '--innodb-buffer-pool-size=128M',
    '--max-connections=200',
    '--max-allowed-packet=1G',
    '--event-scheduler=ON',
    '--character-set-server=utf8mb4',
  ];

  if (flavor === 'mariadb') {
    const { basedir } = toolPaths().mariadb;
    return [...common, `--basedir=${basedir}`, `--lc-messages-dir=${join(basedir, 'share/mysql')}`, `--plugin-dir=${join(basedir, 'lib/mysql/plugin')}`, '--gtid-strict-mode=ON'];
  }
  // binlog-format is deprecated since 8.0.34 and ROW is the default: not said twice
  return [...common.filter((arg) => !arg.startsWith('--binlog-format')), '--gtid-mode=ON', '--enforce-gtid-consistency=ON', '--mysqlx=OFF', '--secure-file-priv=NULL'];
}

async function versionOf(socketPath: string, password: string): Promise<string> {
  if (!existsSync(socketPath)) return '';
  const connection = await createConnection({ socketPath, user: 'root', password, connectTimeout: 3000 });
  try {
    const [rows] = await connection.query('SELECT VERSION() AS version');
    const first: unknown = Array.isArray(rows) ? rows[0] : undefined;
    return typeof first === 'object' && first !== null && 'version' in first ? String(first.version) : '';
  } finally {
    await connection.end();
  }
}

