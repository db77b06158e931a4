import type { Connection, RowDataPacket } from "mysql2/promise";
import type { Flavor } from "#lib/contract/names.ts";
import type { SourceServer } from "#lib/contract/manifest/manifest.ts";

/** Who the server is and how it is set, as the manifest keeps it. */
export async function identify(connection: Connection, name: string): Promise<SourceServer> {
  const variables = await readVariables(connection);
  const value = (key: string): string => variables.get(key) ?? "";
  return {
    name,
    flavor: flavorOf(value("version"), value("version_comment")),
    version: value("version"),
    uuid: value("server_uuid") || value("server_uid") || `server-id-${value("server_id")}`,
    serverId: Number(value("server_id") || 0),
    hostname: value("hostname"),
    lowerCaseTableNames: Number(value("lower_case_table_names") || 0),
    sqlMode: value("sql_mode"),
    timeZone: value("time_zone") === "SYSTEM" ? value("system_time_zone") : value("time_zone"),
    characterSet: value("character_set_server"),
    collation: value("collation_server"),
    gtidMode: value("gtid_mode") || (variables.has("gtid_binlog_pos") ? "MARIADB" : "OFF"),
  };
}

/** All global variables by lower-case name. */
export async function readVariables(connection: Connection): Promise<Map<string, string>> {
  const [rows] = await connection.query<RowDataPacket[]>("SHOW GLOBAL VARIABLES");
  return new Map(rows.map((row) => [String(row.Variable_name).toLowerCase(), String(row.Value)]));
}

/** Is InnoDB's redo log switched off (MySQL 8.0.21 and later know how)? */
export async function redoLogIsOff(connection: Connection): Promise<boolean> {
  const [rows] = await connection.query<RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'Innodb_redo_log_enabled'");
  return rows[0]?.Value === "OFF";
}

/** MariaDB names itself in its version or comment; everything else that speaks the protocol counts as MySQL. */
export function flavorOf(version: string, comment: string): Flavor {
  return /mariadb/i.test(version) || /mariadb/i.test(comment) ? "mariadb" : "mysql";
}

/** Major and minor number of a version text, for comparison: `9.7.4-2` → [9, 7], `10.11.14-MariaDB` → [10, 11]. */
export function series(version: string): readonly [number, number] {
  const match = /^(\d+)\.(\d+)/.exec(version);
  return match ? [Number(match[1]), Number(match[2])] : [0, 0];
}
