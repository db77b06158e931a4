import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";
import type { Connection } from "mysql2/promise";
import type { PolicyConfig } from "#lib/contract/config/policy.ts";
import type { PhysicalFiles } from "#lib/contract/manifest/manifest.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { textRows } from "#worker/engines/inventory/information-schema.ts";
import { isSystemSchema } from "#worker/engines/inventory/user-schemas.ts";
import { type Finding, finding, someOf } from "#worker/engines/preflight/finding.ts";
import { accountInStatement } from "#worker/engines/preflight/grants.ts";
import { readVariables } from "#worker/engines/server/identify.ts";
import { originOf } from "./files-now.ts";

/** What a copy of a MariaDB server's files will be, and what speaks against it. */
export interface BackupGround {
  readonly findings: Finding[];
  /** `bytes`: what the files take now; `files` is not known yet. */
  readonly physical: Omit<PhysicalFiles, "files">;
}

/** Of every MariaDB: what is copied is whole on any server of the series. Tables of others are left out, copied empty, or need a plugin that only the source loads. */
const ENGINES = ["InnoDB", "Aria", "MyISAM", "MRG_MyISAM", "CSV"];
const DENIED = 1227;
const LOCK_WAIT = 1205;

/**
 * May the program copy the files, and would a server started on the copy hold everything? Privileges are tried, not read. `dataFolder` must be readable here. Changes
 * nothing. Findings of severity error: no. Fault CLONE_OTHER_ACCOUNT where the folder cannot be read.
 */
export async function backupGround(connection: Connection, policy: Pick<PolicyConfig, "name" | "schemas" | "lockTimeoutSeconds">, dataFolder: string): Promise<BackupGround> {
  const variables = await readVariables(connection);
  const { bytes, links } = await walk(dataFolder, notCopied(variables));
  const findings = [
    ...(policy.schemas ? [finding("error", "CLONE_WHOLE_SERVER", { policy: policy.name })] : []),
    ...(await privilegeFindings(connection)),
    ...(await stageFindings(connection, policy.lockTimeoutSeconds)),
    ...(await engineFindings(connection)),
    ...elsewhere(links, variables, dataFolder),
    ...(await encrypted(connection, variables)),
  ];
  const number = (name: string, otherwise: number): number => Number(variables.get(name) ?? otherwise);
  const dataFilePath = variables.get("innodb_data_file_path") ?? "";
  // Files that lie elsewhere are refused above.
  const origin = await originOf(dataFolder, dataFilePath).catch(() => undefined);
  return { findings, physical: { bytes, pageSize: number("innodb_page_size", 16384), dataFilePath, undoTablespaces: number("innodb_undo_tablespaces", 0), ...(origin === undefined ? {} : { origin }) } };
}

/** Logs and temporary tables, whatever their names are here. */
function notCopied(variables: ReadonlyMap<string, string>): RegExp {
  const logs = ["log_bin_basename", "relay_log_basename"].flatMap((name) => variables.get(name)?.split("/").at(-1) ?? []).filter((name) => name !== "");
  return new RegExp(`^(?:ib_logfile\\d+|ibtmp\\d+${logs.map((name) => `|${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}\\..*`).join("")})$`);
}

/** Bytes of the files that are copied, and what leads out of the folder: symbolic links, and InnoDB's own (`.isl`, DATA DIRECTORY). */
async function walk(folder: string, without: RegExp, below = ""): Promise<{ bytes: number; links: string[] }> {
  let bytes = 0;
  const links: string[] = [];
  try {
    for await (const entry of await opendir(join(folder, below))) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) {
        const inside = await walk(folder, without, path);
        bytes += inside.bytes;
        links.push(...inside.links);
      } else if (entry.isSymbolicLink() || entry.name.endsWith(".isl")) links.push(path);
      // Files come and go.
      else if (!without.test(path)) bytes += await lstat(join(folder, path)).then(({ size }) => size, () => 0);
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "EACCES" && below === "") throw new Fault("CLONE_OTHER_ACCOUNT", { params: { path: folder, uid: "?" }, cause });
    // A schema may be dropped while it is looked at; what the server's account may not enter (lost+found) is no schema.
    if (!((code === "ENOENT" || code === "EACCES") && below !== "")) throw cause;
  }
  return { bytes, links };
}

/** PROCESS shows the files, which the program insists on. */
async function privilegeFindings(connection: Connection): Promise<Finding[]> {
  try {
    await textRows(connection, "SELECT SPACE FROM information_schema.INNODB_SYS_TABLESPACES LIMIT 1");
    return [];
  } catch (error) {
    if ((error as { errno?: number }).errno !== DENIED) throw error;
    return [await lacking(connection, "PROCESS")];
  }
}

/** Enters the first stage of a backup, which holds nobody, and leaves it again: may the account, and does nobody stand in the way (another backup, LOCK TABLES … WRITE)? */
async function stageFindings(connection: Connection, seconds: number): Promise<Finding[]> {
  try {
    await connection.query(`SET SESSION lock_wait_timeout = ${seconds}`);
    await connection.query("BACKUP STAGE START");
    await connection.query("BACKUP STAGE END");
    return [];
  } catch (error) {
    const { errno } = error as { errno?: number };
    if (errno === DENIED) return [await lacking(connection, "RELOAD")];
    if (errno === LOCK_WAIT) return [finding("error", "LOCK_TIMEOUT", { seconds })];
    throw error;
  }
}

async function lacking(connection: Connection, grant: string): Promise<Finding> {
  const [account] = await textRows(connection, "SELECT CURRENT_USER()");
  return finding("error", "SERVER_GRANT_MISSING", { grant, statement: `GRANT ${grant} ON *.* TO ${accountInStatement(account?.[0] ?? "")};` });
}

async function engineFindings(connection: Connection): Promise<Finding[]> {
  const rows = await textRows(connection, "SELECT TABLE_SCHEMA, TABLE_NAME, ENGINE FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' ORDER BY 1, 2");
  const others = rows.filter(([schema, , engine]) => !isSystemSchema(schema ?? "") && !ENGINES.includes(engine ?? "")).map(([schema, name, engine]) => `${schema}.${name} (${engine ?? "?"})`);
  return others.length === 0 ? [] : [finding("error", "MARIADB_BACKUP_ENGINES", { count: others.length, tables: someOf(others) })];
}

/** Whatever has a path of its own: restored, it would lie over the original. */
function elsewhere(links: readonly string[], variables: ReadonlyMap<string, string>, dataFolder: string): Finding[] {
  const inside = (path: string): boolean => path === "" || path === "." || path === "./" || path.replace(/\/$/, "") === dataFolder.replace(/\/$/, "");
  const folders = ["innodb_data_home_dir", "innodb_undo_directory", "aria_log_dir_path"].filter((name) => !inside(variables.get(name) ?? ""));
  const names = [...links, ...folders, ...((variables.get("innodb_data_file_path") ?? "").includes("/") ? ["innodb_data_file_path"] : [])];
  return names.length === 0 ? [] : [finding("error", "CLONE_FILES_ELSEWHERE", { count: names.length, tables: someOf(names) })];
}

async function encrypted(connection: Connection, variables: ReadonlyMap<string, string>): Promise<Finding[]> {
  // Without a key plugin the table is empty; without PROCESS it cannot be read, which is told above.
  const spaces = await textRows(connection, "SELECT NAME FROM information_schema.INNODB_TABLESPACES_ENCRYPTION WHERE ENCRYPTION_SCHEME <> 0 ORDER BY 1").catch(() => []);
  const settings = ["innodb_encrypt_log", "aria_encrypt_tables"].filter((name) => variables.get(name) === "ON");
  const names = [...spaces.map(([name]) => (name ?? "").replace("/", ".")), ...settings];
  return names.length === 0 ? [] : [finding("error", "CLONE_ENCRYPTED", { count: names.length, tables: someOf(names) })];
}
