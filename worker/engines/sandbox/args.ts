import type { SourceServer } from "#lib/contract/manifest/manifest.ts";
import type { SandboxSizes } from "./sizing.ts";

/** Where one isolated server keeps its things; all inside its own folder, the socket in a short path. */
export interface SandboxPlaces {
  readonly data: string;
  readonly temporary: string;
  readonly socket: string;
  readonly pidFile: string;
  readonly errorLog: string;
  readonly initFile: string;
  /** MariaDB knows no `secure_file_priv=NULL`: files may be read and written in this empty folder only. */
  readonly filesFolder: string;
  /** MariaDB: folder that holds share/ and lib/, when it is not the compiled-in one. */
  readonly baseFolder?: string | undefined;
}

export type SourceSettings = Pick<SourceServer, "flavor" | "lowerCaseTableNames" | "sqlMode" | "timeZone" | "characterSet" | "collation">;

/**
 * argv of an isolated server: reachable by its socket only, no binary log, no events, no files outside, nothing durable
 * (it is thrown away after any crash), settings that change the meaning of SQL as on the source. `--no-defaults` must stay first.
 */
export function sandboxArguments(source: SourceSettings, places: SandboxPlaces, sizes: SandboxSizes): string[] {
  const zone = serverZone(source.timeZone);
  return [
    "--no-defaults",
    ...baseArguments(places.baseFolder),
    `--datadir=${places.data}`,
    `--tmpdir=${places.temporary}`,
    `--socket=${places.socket}`,
    `--pid-file=${places.pidFile}`,
    `--log-error=${places.errorLog}`,
    `--init-file=${places.initFile}`,
    "--skip-networking",
    "--skip-name-resolve",
    "--skip-log-bin",
    "--local-infile=0",
    // Off for good where that still lets events be created; MariaDB then refuses even to list them (1577).
    `--event-scheduler=${source.flavor === "mysql" ? "DISABLED" : "OFF"}`,
    "--performance-schema=OFF",
    "--max-allowed-packet=1G",
    "--max-connections=100",
    `--lower-case-table-names=${source.lowerCaseTableNames}`,
    `--sql-mode=${source.sqlMode}`,
    `--default-time-zone=${zone.option}`,
    ...(source.characterSet ? [`--character-set-server=${source.characterSet}`] : []),
    ...(source.collation ? [`--collation-server=${source.collation}`] : []),
    `--innodb-buffer-pool-size=${sizes.bufferPool}`,
    "--innodb-buffer-pool-dump-at-shutdown=OFF",
    "--innodb-buffer-pool-load-at-startup=OFF",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=OFF",
    "--innodb-flush-method=nosync",
    ...(source.flavor === "mysql" ? mysqlArguments(sizes) : mariadbArguments(places, sizes)),
  ];
}

/** MariaDB finds its messages and plugins by these; MySQL needs none of them. */
export function baseArguments(baseFolder: string | undefined): string[] {
  if (!baseFolder) return [];
  return [`--basedir=${baseFolder}`, `--lc-messages-dir=${baseFolder}/share/mysql`, `--plugin-dir=${baseFolder}/lib/mysql/plugin`];
}

/**
 * The source's zone without time zone tables, which a fresh server has not: offsets as they are, names of the tz database by the
 * TZ variable of the child (`time_zone=SYSTEM`), anything else (`CEST`) as UTC: dumps carry TIMESTAMP values in UTC anyhow.
 */
export function serverZone(zone: string): { option: string; environment: Record<string, string> } {
  if (/^[+-]\d{1,2}:\d{2}$/.test(zone)) return { option: zone, environment: {} };
  if (/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(zone) && zone.toUpperCase() !== "UTC" && isZoneName(zone)) return { option: "SYSTEM", environment: { TZ: zone } };
  return { option: "+00:00", environment: {} };
}

function mysqlArguments(sizes: SandboxSizes): string[] {
  return [
    "--mysqlx=OFF",
    "--secure-file-priv=NULL",
    "--skip-replica-start",
    `--innodb-redo-log-capacity=${sizes.redoCapacity}`,
    `--innodb-ddl-buffer-size=${sizes.ddlBuffer}`,
    `--innodb-ddl-threads=${sizes.threads}`,
    `--innodb-parallel-read-threads=${sizes.threads}`,
    "--innodb-validate-tablespace-paths=OFF",
  ];
}

function mariadbArguments(places: SandboxPlaces, sizes: SandboxSizes): string[] {
  return [
    `--secure-file-priv=${places.filesFolder}`,
    "--skip-slave-start",
    "--symbolic-links=0",
    `--innodb-log-file-size=${sizes.redoCapacity}`,
    `--innodb-sort-buffer-size=${Math.min(sizes.ddlBuffer, 64 * 1024 * 1024)}`,
  ];
}

function isZoneName(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
