// Where the programs are that set-up found or fetched; written by scripts/setup/ensure.mjs into .salvagente/tools.json.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Absolute paths. `binDir` holds launchers of what was fetched (not of what PATH already offered). */
export type ToolPaths = {
  toolsFolder: string;
  binDir: string;
  mysql: { mysqld: string; mysql: string; mysqldump: string; mysqlbinlog: string; mysqladmin: string; mysqlcheck: string };
  mariadb: {
    mariadbd: string;
    mariadb: string;
    mariadbDump: string;
    mariadbBinlog: string;
    mariadbAdmin: string;
    mariadbCheck: string;
    mariadbBackup: string;
    mbstream: string;
    /** Folder of MariaDB's own files (`--basedir`): share/mysql with its system tables and messages. */
    basedir: string;
  };
  /** The bench's peer; other tasks do not bring it. */
  mydumper: { mydumper: string; myloader: string };
  redisServer: string;
  gpg: string;
  gpgconf: string;
  gpgAgent: string;
  zstd: string;
  /** Ceph's S3 server, for the demo and the tests. `libraries` holds its plug-in folders. */
  s3: { radosgw: string; radosgwAdmin: string; libraries: string };
  chromium: string;
  /** Folder of PostgreSQL: bin/initdb, bin/postgres, lib, share. */
  postgres: string;
};

const CHECKOUT = join(import.meta.dirname, '../..');

/**
 * Paths of all programs. Reading one that set-up did not bring throws an error that names the command which does.
 * @throws Error when set-up never ran in this checkout
 */
export function toolPaths(checkout: string = CHECKOUT): ToolPaths {
  const file = join(checkout, '.salvagente', 'tools.json');
  if (!existsSync(file)) throw notSetUp('programs were never set up in this checkout');
  const flat: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof flat !== 'object' || flat === null) throw notSetUp(`${file} is damaged`);
  const path = (key: string): string => {
    const value: unknown = Reflect.get(flat, key);
    if (typeof value !== 'string') throw notSetUp(`the program ${key} was not set up${whyAbsent(flat, key)}`);
    if (!existsSync(value) && key !== 'binDir') throw notSetUp(`${key} is gone from ${value}`);
    return value;
  };
  const group = <K extends string>(...keys: K[]): Record<K, string> => lazily<K>(keys, path);
  return Object.defineProperties(lazily(['toolsFolder', 'binDir', 'redisServer', 'gpg', 'gpgconf', 'gpgAgent', 'zstd', 'chromium', 'postgres'], path), {
    mysql: { enumerable: true, get: () => group('mysqld', 'mysql', 'mysqldump', 'mysqlbinlog', 'mysqladmin', 'mysqlcheck') },
    mariadb: {
      enumerable: true,
      get: () => ({
        ...group('mariadbd', 'mariadb', 'mariadbDump', 'mariadbBinlog', 'mariadbAdmin', 'mariadbCheck', 'mariadbBackup', 'mbstream'),
        basedir: join(path('toolsFolder'), 'mariadb/root/usr'),
      }),
    },
    mydumper: { enumerable: true, get: () => group('mydumper', 'myloader') },
    s3: {
      enumerable: true,
      get: () => ({ ...group('radosgw', 'radosgwAdmin'), libraries: join(path('toolsFolder'), 's3/root/usr/lib/x86_64-linux-gnu/ceph') }),
    },
  }) as ToolPaths;
}

/** An object whose properties are looked up when read: a bench without Chromium never asks for Chromium. */
function lazily<K extends string>(keys: K[], path: (key: string) => string): Record<K, string> {
  const entries = keys.map((key) => [key, { enumerable: true, get: () => path(key) }] as const);
  return Object.defineProperties({}, Object.fromEntries(entries)) as Record<K, string>;
}

/** Why set-up could not bring what a task only wishes for. */
function whyAbsent(flat: object, key: string): string {
  const absent: unknown = Reflect.get(flat, 'absent');
  const why: unknown = typeof absent === 'object' && absent !== null ? Reflect.get(absent, key) : undefined;
  return typeof why === 'string' ? ` (${why})` : '';
}

function notSetUp(what: string): Error {
  return new Error(`${what}. What to do: npm run setup (the tests' browser comes with npm test)`);
}
