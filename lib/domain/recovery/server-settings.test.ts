import { describe, expect, it } from "vitest";
import { actsByItself, namedDataFolder, readSettings, type ServerSettings, settingsInTheWay } from "./server-settings.ts";

const HELP = `mysqld  Ver 9.7.4
  --datadir=name      Path to the database root directory

Variables (--variable-name=value)
and boolean options {FALSE|TRUE}                             Value (after reading options)
------------------------------------------------------------ -------------
datadir                                                      /tmp/empty/
event-scheduler                                              ON
innodb-data-file-path                                        ibdata1:12M:autoextend
innodb-data-home-dir                                         (No default value)
innodb-page-size                                             16384
log-bin                                                      /var/log/mysql/mysql-bin
skip-replica-start                                           FALSE

To see what values a running MySQL server is using, type
'mysqladmin variables' instead of 'mysqld --verbose --help'.
`;
const demand = { pageSize: 16384, dataFilePath: "ibdata1:12M:autoextend", lowerCaseTableNames: 0 };
const at = { folders: ["/var/lib/mysql", "/data/mysql"], standIn: "/tmp/empty" };
const asked = (given: Record<string, string>) => settingsInTheWay(new Map(Object.entries(given)), demand, at).map(({ option, kind }) => `${option} ${kind}`);

it("reads the table of the program, and leaves out what is not set", () => {
  const settings = readSettings(HELP);
  expect(settings.get("innodb-page-size")).toBe("16384");
  expect(settings.has("innodb-data-home-dir")).toBe(false);
  expect(settings.size).toBe(6);
  expect(actsByItself(settings)).toEqual({ events: true, replication: true });
  expect(settingsInTheWay(settings, demand, at)).toEqual([{ kind: "elsewhere", option: "log-bin", found: "/var/log/mysql/mysql-bin", expected: "/var/lib/mysql" }]);
});

it("finds the data directory that option files name: the last word, blanks included", () => {
  expect(namedDataFolder("mysqld would have been started with the following arguments:\n--datadir=/a --socket=/s --datadir=/var/my data --port=1 \n")).toBe("/var/my data");
  expect(namedDataFolder("--socket=/s\n--loose-datadir=/b \n")).toBe("/b");
  expect(namedDataFolder("--socket=/s --innodb-data-home-dir=/x\n")).toBeNull();
});

describe("what is in the way", () => {
  it("is another value of what the files were written with, not another way to write it", () => {
    expect(asked({ "innodb-page-size": "8192" })).toEqual(["innodb-page-size differs"]);
    expect(asked({ "lower-case-table-names": "1", "innodb-force-recovery": "1" })).toEqual(["lower-case-table-names differs", "innodb-force-recovery differs"]);
    expect(asked({ "innodb-data-file-path": "IBDATA1:12m:autoextend" })).toEqual([]);
    expect(asked({ "innodb-undo-tablespaces": "3" })).toEqual([]);
    expect(settingsInTheWay(new Map([["innodb-undo-tablespaces", "3"]]), { ...demand, undoTablespaces: 0 }, at)).toMatchObject([{ option: "innodb-undo-tablespaces", expected: "0" }]);
  });

  it("is what keeps files of one data directory in another place; names without a folder, and the folder itself, do not", () => {
    const inside: ServerSettings = new Map([["log-bin", "binlog"], ["log-bin-index", "/var/lib/mysql/logs/index"], ["aria-log-dir-path", "/tmp/empty/"], ["innodb-undo-directory", "./"], ["innodb-data-home-dir", "/var/lib/mysql"], ["innodb-log-group-home-dir", "/data/mysql/redo"]]);
    expect(settingsInTheWay(inside, demand, at)).toEqual([]);
    expect(asked({ "innodb-undo-directory": "/var/lib/mysql-undo", "innodb-log-group-home-dir": "../redo", "log-bin": "/var/lib/binlog" })).toEqual(["innodb-log-group-home-dir elsewhere", "innodb-undo-directory elsewhere", "log-bin elsewhere"]);
  });
});
