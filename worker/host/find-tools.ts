import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { WorkerConfig } from "#lib/contract/config/worker.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { ClientTools, Tools } from "#worker/ports/tools.ts";

/**
 * Finds the programs: by name in `tools.programs`, then in `tools.folders`, then on PATH. A family of database clients counts as present
 * when its dump program and client are. Fault TOOL_MISSING for gpg, gpgconf and zstd.
 */
export function findTools(config: Pick<WorkerConfig, "tools">): Tools {
  const find = (...names: string[]): string | undefined => names.map((name) => locate(name, config)).find((path) => path !== undefined);
  const need = (name: string): string => {
    const path = find(name);
    if (!path) throw new Fault("TOOL_MISSING", { params: { tool: name } });
    return path;
  };
  const pluginDir = config.tools.programs["client-plugin-dir"];
  const family = (names: Record<keyof Omit<ClientTools, "pluginDir">, string[]>): ClientTools | undefined => {
    const mysql = find(...names.mysql);
    const mysqldump = find(...names.mysqldump);
    const mysqlbinlog = find(...names.mysqlbinlog);
    if (!mysql || !mysqldump || !mysqlbinlog) return undefined;
    const optional = (key: "mysqlcheck" | "mysqladmin" | "mysqld" | "installDb" | "mariadbBackup"): Partial<ClientTools> => {
      const path = find(...names[key]);
      return path ? { [key]: path } : {};
    };
    return { mysql, mysqldump, mysqlbinlog, ...optional("mysqlcheck"), ...optional("mysqladmin"), ...optional("mysqld"), ...optional("installDb"), ...optional("mariadbBackup") };
  };
  const mysql = family({ mysql: ["mysql"], mysqldump: ["mysqldump"], mysqlbinlog: ["mysqlbinlog"], mysqlcheck: ["mysqlcheck"], mysqladmin: ["mysqladmin"], mysqld: ["mysqld"], installDb: [], mariadbBackup: [] });
  const mariadb = family({
    mysql: ["mariadb"],
    mysqldump: ["mariadb-dump"],
    mysqlbinlog: ["mariadb-binlog"],
    mysqlcheck: ["mariadb-check"],
    mysqladmin: ["mariadb-admin"],
    mysqld: ["mariadbd"],
    installDb: ["mariadb-install-db"],
    mariadbBackup: ["mariadb-backup", "mariabackup"],
  });
  return {
    clients: { ...(mysql ? { mysql: { ...mysql, ...(pluginDir ? { pluginDir } : {}) } } : {}), ...(mariadb ? { mariadb } : {}) },
    gpg: need("gpg"),
    gpgconf: need("gpgconf"),
    zstd: need("zstd"),
  };
}

function locate(name: string, config: Pick<WorkerConfig, "tools">): string | undefined {
  const given = config.tools.programs[name];
  if (given) return isProgram(given) ? given : undefined;
  const folders = [...config.tools.folders, ...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"];
  return folders.filter(Boolean).map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
