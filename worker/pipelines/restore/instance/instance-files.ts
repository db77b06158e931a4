import { join } from "node:path";
import type { Manifest, PhysicalFiles } from "#lib/contract/manifest/manifest.ts";
import type { ReplayBoundary } from "#lib/contract/recovery/instant.ts";
import { serverZone } from "#worker/engines/sandbox/args.ts";

/** What a new server is made of; its folder holds all of it. */
export interface InstanceSettings {
  readonly name: string;
  readonly folder: string;
  readonly port: number;
  /** From 1; no other server of a replication may have it. */
  readonly serverId: number;
  /** Bytes. */
  readonly bufferPool: number;
  readonly program: string;
  readonly uid: number;
  readonly gid: number;
  /** MariaDB: folder with share/ and lib/, when it is not the compiled-in one. */
  readonly baseFolder?: string | undefined;
}

export interface InstancePaths {
  readonly data: string;
  readonly socket: string;
  readonly config: string;
  readonly unit: string;
  /** MariaDB cannot be kept from files altogether: statements may read and write this empty folder only. */
  readonly files: string;
}

export function instancePaths(folder: string, name: string): InstancePaths {
  return { data: join(folder, "data"), socket: join(folder, "mysqld.sock"), config: join(folder, "my.cnf"), unit: join(folder, `mysql-${name}.service`), files: join(folder, "files") };
}

/**
 * my.cnf of the new server: what the files demand, the source's settings that change the meaning of SQL, and nothing that acts by itself: it answers on
 * this host only, runs no events, follows no source, until a person says so.
 */
export function instanceConfig(settings: InstanceSettings, manifest: Pick<Manifest, "id" | "server" | "snapshotAt">, physical: PhysicalFiles, boundary?: Pick<ReplayBoundary, "segments" | "stop">): string {
  const { folder, name } = settings;
  const { data, socket } = instancePaths(folder, name);
  const { server } = manifest;
  const lines: (string | null)[] = [
    `# New server «${name}», made of backup ${manifest.id} of ${server.name} as of ${manifest.snapshotAt}.`,
    boundary ? `# Its binary logs were replayed up to ${boundary.segments.at(-1)?.file}:${boundary.stop.position}.` : null,
    "[mysqld]",
    `datadir = ${data}`,
    `socket = ${socket}`,
    `pid_file = ${join(folder, "mysqld.pid")}`,
    `log_error = ${join(folder, "error.log")}`,
    `port = ${settings.port}`,
    "# Reachable from this host only. To let programs in from elsewhere: bind_address = *",
    "bind_address = 127.0.0.1",
    ...(server.flavor === "mysql" ? mysqlLines() : mariadbLines(settings)),
    `server_id = ${settings.serverId}`,
    "log_bin = binlog",
    server.gtidMode.startsWith("ON") ? "gtid_mode = ON\nenforce_gtid_consistency = ON" : null,
    "",
    "# The files were written with these.",
    `innodb_page_size = ${physical.pageSize}`,
    `innodb_data_file_path = ${physical.dataFilePath}`,
    physical.undoTablespaces === undefined ? null : `innodb_undo_tablespaces = ${physical.undoTablespaces}`,
    `lower_case_table_names = ${server.lowerCaseTableNames}`,
    "",
    "# As on the source.",
    `sql_mode = ${server.sqlMode}`,
    server.characterSet ? `character_set_server = ${server.characterSet}` : null,
    server.collation ? `collation_server = ${server.collation}` : null,
    `default_time_zone = ${serverZone(server.timeZone).option}`,
    "",
    "# Nothing acts by itself: switch events on, and replication, only when this server is to take over.",
    "event_scheduler = OFF",
    server.flavor === "mysql" ? "skip_replica_start = ON" : "skip_slave_start",
    "",
    `innodb_buffer_pool_size = ${settings.bufferPool}`,
    "",
  ];
  return lines.filter((line) => line !== null).join("\n");
}

function mysqlLines(): string[] {
  return ["mysqlx = OFF", "# No statement reads or writes files of this host; programs often have a default that does not exist here.", "secure_file_priv = NULL"];
}

function mariadbLines({ folder, name, baseFolder }: InstanceSettings): string[] {
  return [
    ...(baseFolder ? [`basedir = ${baseFolder}`, `lc_messages_dir = ${baseFolder}/share/mysql`, `plugin_dir = ${baseFolder}/lib/mysql/plugin`] : []),
    "# Statements read and write files of this host in this empty folder only.",
    `secure_file_priv = ${instancePaths(folder, name).files}`,
  ];
}

/** systemd unit (systemd.service(5)): kept alive, given the time that recovery takes. To be linked by `systemctl enable --now <its path>`. */
export function instanceUnit(settings: InstanceSettings, manifest: Pick<Manifest, "id" | "server">): string {
  const { config } = instancePaths(settings.folder, settings.name);
  const zone = serverZone(manifest.server.timeZone).environment.TZ;
  return [
    "[Unit]",
    `Description=${manifest.server.flavor === "mysql" ? "MySQL" : "MariaDB"} server ${settings.name}, made of backup ${manifest.id} of ${manifest.server.name}`,
    "After=network.target",
    "",
    "[Service]",
    "Type=exec",
    `User=${settings.uid}`,
    `Group=${settings.gid}`,
    ...(zone ? [`Environment=TZ=${zone}`] : []),
    `ExecStart=${unitPath(settings.program)} --defaults-file=${unitPath(config)}`,
    "Restart=on-failure",
    "TimeoutStopSec=infinity",
    "LimitNOFILE=65536",
    "PrivateTmp=true",
    "",
    "[Install]",
    "WantedBy=multi-user.target",
    "",
  ].join("\n");
}

/** `%` and `$` have a meaning in a unit's command line. */
function unitPath(path: string): string {
  return `"${path.replaceAll("%", "%%").replaceAll("$", "$$$$").replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
