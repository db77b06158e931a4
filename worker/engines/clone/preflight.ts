import type { Connection } from "mysql2/promise";
import type { PhysicalFiles, SourceServer } from "#lib/contract/manifest/manifest.ts";
import { type Finding, finding, someOf } from "#worker/engines/preflight/finding.ts";
import { accountInStatement, holdsOnObject, readGrants, schemaInGrant } from "#worker/engines/preflight/grants.ts";
import { textRows } from "#worker/engines/inventory/information-schema.ts";
import { readVariables, redoLogIsOff, series } from "#worker/engines/server/identify.ts";
import { type OtherTable, otherTables, whyNotDumped } from "./other-tables.ts";
import { runningClone } from "./running-clone.ts";

/** What a copy of the server's files will be, and what speaks against it. */
export interface CloneGround {
  readonly findings: Finding[];
  /** `bytes`: what the files take now; `files` is not known yet. */
  readonly physical: Omit<PhysicalFiles, "files">;
  /** `@@datadir`, as the server sees it. */
  readonly dataFolder: string;
  /** Tables whose rows the copy will lack, to be dumped beside it. */
  readonly others: readonly OtherTable[];
}

const DENIED = new Set([1142, 1227]);
const UNKNOWN_GROUND = { physical: { bytes: 0, pageSize: 16384, dataFilePath: "" }, dataFolder: "", others: [] };

/**
 * Can the server copy its own data files, and would a server started on the copy hold everything? Changes nothing. Findings of severity error: no.
 * `ownFolder`: clones into folders below it were begun by a process of this host that is gone; null where the server is on another one.
 */
export async function cloneGround(connection: Connection, server: SourceServer, policy: { readonly name: string; readonly schemas: readonly string[] | null }, ownFolder: string | null): Promise<CloneGround> {
  if (!knowsClone(server)) return { ...UNKNOWN_GROUND, findings: [finding("error", "CLONE_UNSUPPORTED", { server: server.name, version: server.version })] };
  const variables = await readVariables(connection);
  const files = await readFiles(connection);
  const others = await otherTables(connection);
  const findings = [
    ...(policy.schemas ? [finding("error", "CLONE_WHOLE_SERVER", { policy: policy.name })] : []),
    ...(await pluginFindings(connection, server)),
    ...(await grantFinding(connection, files === null)),
    ...engineFindings(others),
    ...(await lockFindings(connection, others)),
    ...elsewhere(files ?? [], variables),
    ...encrypted(files ?? [], variables),
    ...(await redoFindings(connection, server)),
    ...(await runningFindings(connection, server, ownFolder)),
  ];
  const bytes = (files ?? []).reduce((sum, file) => sum + file.bytes, 0);
  return { findings, physical: { bytes, pageSize: Number(variables.get("innodb_page_size") ?? 16384), dataFilePath: variables.get("innodb_data_file_path") ?? "" }, dataFolder: variables.get("datadir") ?? "", others };
}

/** CLONE came with 8.0.17; concurrent DDL and a fixed set of files need 8.0.27. */
function knowsClone({ flavor, version }: SourceServer): boolean {
  const [major, minor] = series(version);
  const patch = Number(/^\d+\.\d+\.(\d+)/.exec(version)?.[1] ?? 0);
  return flavor === "mysql" && (major > 8 || (major === 8 && (minor > 0 || patch >= 27)));
}

async function pluginFindings(connection: Connection, server: SourceServer): Promise<Finding[]> {
  const [row] = await textRows(connection, "SELECT PLUGIN_STATUS FROM information_schema.PLUGINS WHERE PLUGIN_NAME = 'clone'");
  return row?.[0] === "ACTIVE" ? [] : [finding("error", "CLONE_PLUGIN_MISSING", { server: server.name })];
}

/** PROCESS shows which files there are: without it nobody knows what the copy would lack. */
async function grantFinding(connection: Connection, blind: boolean): Promise<Finding[]> {
  const held = readGrants((await textRows(connection, "SHOW GRANTS")).map(([line]) => line ?? ""));
  const lacking = [...(held.global.has("BACKUP_ADMIN") ? [] : ["BACKUP_ADMIN"]), ...(blind ? ["PROCESS"] : [])].join(", ");
  const [account] = await textRows(connection, "SELECT CURRENT_USER()");
  return lacking === "" ? [] : [finding("error", "SERVER_GRANT_MISSING", { grant: lacking, statement: `GRANT ${lacking} ON *.* TO ${accountInStatement(account?.[0] ?? "")};` })];
}

/** Tables whose rows nobody could bring along. */
function engineFindings(others: readonly OtherTable[]): Finding[] {
  const names = others.flatMap((table) => (whyNotDumped(table) ? [`${table.schema}.${table.name} (${whyNotDumped(table)})`] : []));
  return names.length === 0 ? [] : [finding("error", "CLONE_OTHER_ENGINES", { count: names.length, tables: someOf(names) })];
}

/** Tables that are dumped beside the copy are locked by name, which asks for a right of its own. */
async function lockFindings(connection: Connection, others: readonly OtherTable[]): Promise<Finding[]> {
  if (others.length === 0) return [];
  const held = readGrants((await textRows(connection, "SHOW GRANTS")).map(([line]) => line ?? ""));
  const account = accountInStatement((await textRows(connection, "SELECT CURRENT_USER()"))[0]?.[0] ?? "");
  const lacking = new Set(others.filter(({ schema, name }) => !holdsOnObject(held, "LOCK TABLES", schema, name)).map(({ schema }) => schema));
  return [...lacking].map((schema) => finding("error", "SERVER_GRANT_MISSING", { grant: "LOCK TABLES", statement: `GRANT LOCK TABLES ON ${schemaInGrant(schema)} TO ${account};` }));
}

interface DataFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly encrypted: boolean;
}

/** Every data file of InnoDB; null where the account may not see them. */
async function readFiles(connection: Connection): Promise<DataFile[] | null> {
  try {
    const rows = await textRows(
      connection,
      `SELECT f.TABLESPACE_NAME, f.FILE_NAME, f.TOTAL_EXTENTS * f.EXTENT_SIZE, COALESCE(t.ENCRYPTION, 'N')
         FROM information_schema.FILES f LEFT JOIN information_schema.INNODB_TABLESPACES t ON t.SPACE = f.FILE_ID WHERE f.ENGINE = 'InnoDB' AND f.FILE_TYPE <> 'TEMPORARY'`,
    );
    return rows.map(([name, path, bytes, encryption]) => ({ name: name ?? "", path: path ?? "", bytes: Number(bytes ?? 0), encrypted: encryption === "Y" }));
  } catch (error) {
    if (DENIED.has((error as { errno?: number }).errno ?? 0)) return null;
    throw error;
  }
}

/** A path that leaves the data directory, or begins at the root. */
function elsewhere(files: readonly DataFile[], variables: ReadonlyMap<string, string>): Finding[] {
  const leaves = (path: string): boolean => path.startsWith("/") || path.split("/").includes("..");
  const settings = ["innodb_data_home_dir", "innodb_data_file_path"].filter((name) => (variables.get(name) ?? "").includes("/"));
  const names = [...files.filter(({ path }) => leaves(path)).map(({ name, path }) => `${name.replace("/", ".")} (${path})`), ...settings];
  return names.length === 0 ? [] : [finding("error", "CLONE_FILES_ELSEWHERE", { count: names.length, tables: someOf(names) })];
}

function encrypted(files: readonly DataFile[], variables: ReadonlyMap<string, string>): Finding[] {
  const logs = ["innodb_redo_log_encrypt", "innodb_undo_log_encrypt"].filter((name) => variables.get(name) === "ON");
  const names = [...files.filter((file) => file.encrypted).map(({ name }) => name.replace("/", ".")), ...logs];
  return names.length === 0 ? [] : [finding("error", "CLONE_ENCRYPTED", { count: names.length, tables: someOf(names) })];
}

async function redoFindings(connection: Connection, server: SourceServer): Promise<Finding[]> {
  return (await redoLogIsOff(connection)) ? [finding("error", "CLONE_REDO_OFF", { server: server.name })] : [];
}

/** One that a killed process of this host has left is stopped; any other stands in the way. */
async function runningFindings(connection: Connection, server: SourceServer, ownFolder: string | null): Promise<Finding[]> {
  const running = await runningClone(connection, ownFolder);
  return running ? [finding("error", "CLONE_RUNNING", { server: server.name, path: running.destination, id: running.connectionId })] : [];
}
