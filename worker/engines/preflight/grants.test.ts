import { expect, it } from "vitest";
import { archiveGrantFindings, grantFindings, heartbeatGrantFindings, holdsOnObject, readGrants } from "./grants.ts";

const statements = (lines: string[], schemas: string[] | null = null, refused: string[] = []): string[] =>
  grantFindings(readGrants(lines), "mysql", schemas, "bk@localhost", refused).map(({ severity, fault }) => `${severity}: ${fault.params.statement}`);
const SERVER = "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, PROCESS, REPLICATION CLIENT ON *.* TO `bk`@`localhost`";
const DYNAMIC = "GRANT BACKUP_ADMIN,FLUSH_TABLES ON *.* TO `bk`@`localhost`";

it("asks for nothing where the account has the least privileges", () => {
  expect(statements([SERVER, DYNAMIC])).toEqual([]);
});

it("gives the exact statement for what lacks", () => {
  expect(statements(["GRANT USAGE ON *.* TO `bk`@`localhost`"])).toEqual([
    "error: GRANT FLUSH_TABLES, REPLICATION CLIENT ON *.* TO 'bk'@'localhost';",
    "warning: GRANT BACKUP_ADMIN ON *.* TO 'bk'@'localhost';",
    "info: GRANT PROCESS ON *.* TO 'bk'@'localhost';",
    "error: GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON *.* TO 'bk'@'localhost';",
  ]);
});

it("sees that SELECT on one schema leaves routines out without a word", () => {
  const server = "GRANT PROCESS, REPLICATION CLIENT ON *.* TO `bk`@`localhost`";
  const own = "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `my\\_db`.* TO `bk`@`localhost`";
  expect(statements([server, DYNAMIC, own], ["my_db"])).toEqual(["error: GRANT SHOW_ROUTINE ON *.* TO 'bk'@'localhost';"]);
  expect(statements([server, DYNAMIC, own], ["myxdb"])[0]).toBe("error: GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `myxdb`.* TO 'bk'@'localhost';");
});

it("sees what a partial revoke takes away, and what the server itself refused", () => {
  expect(statements([SERVER, DYNAMIC, "REVOKE SELECT ON `hr`.* FROM `bk`@`localhost`"])).toEqual(["error: GRANT SELECT ON `hr`.* TO 'bk'@'localhost';"]);
  expect(statements([SERVER, DYNAMIC], null, ["BACKUP_ADMIN"])).toEqual(["warning: GRANT BACKUP_ADMIN ON *.* TO 'bk'@'localhost';"]);
});

it("asks for reading and closing binary logs only where they are archived", () => {
  const archive = (line: string): unknown[] => archiveGrantFindings(readGrants([line]), "bk@localhost").map(({ severity, fault }) => `${severity}: ${fault.params.statement}`);
  expect(archive(SERVER)).toEqual(["warning: GRANT REPLICATION SLAVE, RELOAD ON *.* TO 'bk'@'localhost';"]);
  expect(archive("GRANT RELOAD, REPLICATION REPLICA ON *.* TO `bk`@`localhost`")).toEqual([]);
  expect(archive("GRANT ALL PRIVILEGES ON *.* TO `bk`@`localhost`")).toEqual([]);
});

it("asks for what heartbeats need in their own schema", () => {
  const beats = (...lines: string[]): unknown[] => heartbeatGrantFindings(readGrants(lines), "salvagente_heartbeat", "bk@localhost").map(({ severity, fault }) => `${severity}: ${fault.params.statement}`);
  expect(beats(SERVER)).toEqual(["warning: GRANT INSERT, DELETE, CREATE ON `salvagente\\_heartbeat`.* TO 'bk'@'localhost';"]);
  expect(beats(SERVER, "GRANT INSERT, DELETE, CREATE ON `salvagente\\_heartbeat`.* TO `bk`@`localhost`")).toEqual([]);
  expect(beats("GRANT ALL PRIVILEGES ON *.* TO `bk`@`localhost`")).toEqual([]);
});

it("knows what an account holds on a table, a routine, a schema by pattern, or all", () => {
  const held = readGrants([
    "GRANT USAGE ON *.* TO `d`@`%`", "GRANT SELECT, EXECUTE ON `my\\_db`.* TO `d`@`%`", "GRANT SELECT ON `pre%`.* TO `d`@`%`", "GRANT SELECT (`a`, `b`), INSERT ON `one`.`t``x` TO `d`@`%`", "GRANT EXECUTE ON FUNCTION `one`.`f` TO `d`@`%`",
  ]);
  const may = (privilege: string, schema: string, name: string): boolean => holdsOnObject(held, privilege, schema, name);
  expect([may("SELECT", "my_db", "t"), may("EXECUTE", "my_db", "f"), may("SELECT", "prefix", "t"), may("SELECT", "one", "t`x"), may("EXECUTE", "one", "F")]).toEqual([true, true, true, true, true]);
  expect([may("SELECT", "myxdb", "t"), may("EXECUTE", "prefix", "f"), may("SELECT", "one", "u"), may("SELECT", "one", "T`X"), may("SELECT", "one", "f")]).toEqual([false, false, false, false, false]);
  const all = readGrants(["GRANT ALL PRIVILEGES ON *.* TO `r`@`%`", "REVOKE SELECT ON `hr`.* FROM `r`@`%`"]);
  expect([holdsOnObject(all, "SELECT", "x", "t"), holdsOnObject(all, "SELECT", "hr", "t")]).toEqual([true, false]);
});
