import { toolPaths } from "#scripts/setup/tools.ts";
import type { Tools } from "#worker/ports/tools.ts";

/** The programs that set-up found or fetched, in the shape the worker wants, for tests. A family that was not set up is left out. */
export function testTools(): Tools {
  const paths = toolPaths();
  return { gpg: paths.gpg, gpgconf: paths.gpgconf, zstd: paths.zstd, clients: { ...optional("mysql", () => ({ ...paths.mysql })), ...optional("mariadb", () => mariadb(paths)) } };
}

function mariadb({ mariadb: paths }: ReturnType<typeof toolPaths>): NonNullable<Tools["clients"]["mariadb"]> {
  return {
    mysql: paths.mariadb,
    mysqldump: paths.mariadbDump,
    mysqlbinlog: paths.mariadbBinlog,
    mysqlcheck: paths.mariadbCheck,
    mysqladmin: paths.mariadbAdmin,
    mysqld: paths.mariadbd,
    mariadbBackup: paths.mariadbBackup,
  };
}

function optional<K extends string, V>(key: K, make: () => V): Partial<Record<K, V>> {
  try {
    return { [key]: make() } as Record<K, V>;
  } catch {
    return {};
  }
}
