import { expect, it } from "vitest";
import type { SourceServer } from "#lib/contract/manifest/manifest.ts";
import { settingFindings } from "./settings.ts";

const SERVER: SourceServer = { name: "db", flavor: "mysql", version: "9.7.4", uuid: "u", serverId: 1, hostname: "h", lowerCaseTableNames: 0, sqlMode: "", timeZone: "UTC", characterSet: "utf8mb4", collation: "utf8mb4_0900_ai_ci", gtidMode: "ON" };
/** Whatever a point-in-time restore could ask for. */
const SOUND = { log_bin: "ON", binlog_format: "ROW", binlog_row_image: "FULL", sync_binlog: "1", innodb_flush_log_at_trx_commit: "1", binlog_checksum: "CRC32", binlog_expire_logs_seconds: "2592000", gtid_mode: "ON" };

const found = (change: Readonly<Record<string, string>>, more: { server?: Partial<SourceServer>; filters?: string[]; redoOff?: boolean } = {}): string[] =>
  settingFindings({ ...SERVER, ...more.server }, new Map(Object.entries({ ...SOUND, ...change })), { filters: more.filters ?? [], redoOff: more.redoOff ?? false }).map(({ severity, fault }) => `${severity} ${fault.code} ${Object.values(fault.params).join(" ")}`);

it("finds nothing where all is set as it should be, on both families", () => {
  expect(found({})).toEqual([]);
  const { gtid_mode: _gtid, binlog_expire_logs_seconds: _expiry, ...mariadb } = SOUND;
  expect(settingFindings({ ...SERVER, flavor: "mariadb", version: "10.11.14-MariaDB" }, new Map(Object.entries({ ...mariadb, log_bin: "1", expire_logs_days: "10" })), { filters: [], redoOff: false })).toEqual([]);
});

it.each<[Record<string, string>, string]>([
  [{ binlog_format: "STATEMENT" }, "warning SERVER_BINLOG_FORMAT STATEMENT"],
  [{ binlog_row_image: "MINIMAL" }, "warning SERVER_BINLOG_ROW_IMAGE MINIMAL"],
  [{ sync_binlog: "0" }, "warning SERVER_BINLOG_NOT_DURABLE 0"],
  [{ innodb_flush_log_at_trx_commit: "2" }, "warning SERVER_REDO_NOT_DURABLE 2"],
  [{ binlog_checksum: "NONE" }, "warning SERVER_BINLOG_CHECKSUM NONE"],
  [{ binlog_expire_logs_seconds: "86400" }, "warning SERVER_BINLOG_EXPIRY 24"],
  [{ binlog_expire_logs_seconds: "0", expire_logs_days: "2" }, "warning SERVER_BINLOG_EXPIRY 48"],
  [{ sql_select_limit: "2" }, "warning SERVER_SELECT_LIMITED db sql_select_limit = 2"],
  [{ sql_select_limit: "18446744073709551615", init_connect: "SET NAMES utf8mb4, SQL_SELECT_LIMIT = 10" }, "warning SERVER_SELECT_LIMITED db init_connect"],
  [{ gtid_mode: "OFF_PERMISSIVE" }, "info SERVER_GTID_OFF OFF_PERMISSIVE"],
])("one setting at a time: %j", (change, finding) => {
  expect(found(change)).toEqual([finding]);
});

it("what the log leaves out, a redo log that is off, a log that never goes", () => {
  expect(found({}, { filters: ["binlog_ignore_db=shop"] })).toEqual(["warning SERVER_BINLOG_FILTERED binlog_ignore_db=shop"]);
  expect(found({}, { redoOff: true })).toEqual(["warning SERVER_REDO_OFF db"]);
  expect(found({ binlog_expire_logs_seconds: "0" })).toEqual([]);
  expect(found({ binlog_expire_logs_seconds: "60", binlog_expire_logs_auto_purge: "OFF" })).toEqual([]);
});

it("a limit on what is read stops a family whose dump program takes no word for it", () => {
  expect(found({ sql_select_limit: "2" }, { server: { flavor: "mariadb", version: "10.11.14-MariaDB" } })).toEqual(["error SERVER_SELECT_LIMITED db sql_select_limit = 2"]);
});

it("without a binary log nothing else is asked of it", () => {
  expect(found({ log_bin: "OFF", binlog_format: "STATEMENT", sync_binlog: "0", gtid_mode: "OFF" })).toEqual(["warning SERVER_BINLOG_OFF db"]);
});

it.each<[Partial<SourceServer>, boolean]>([
  [{ version: "5.6.51" }, false],
  [{ version: "5.7.44" }, true],
  [{ version: "26.1.0" }, true],
  [{ flavor: "mariadb", version: "10.2.44-MariaDB" }, false],
  [{ flavor: "mariadb", version: "10.3.39-MariaDB" }, true],
  [{ flavor: "mariadb", version: "12.0.1-MariaDB" }, true],
])("versions: %j", (server, known) => {
  expect(found({}, { server }).some((text) => text.startsWith("error SERVER_VERSION_UNKNOWN"))).toBe(!known);
});
