import { spawnSync } from "node:child_process";
import { openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import mysql, { type RowDataPacket } from "mysql2/promise";
import { describe, expect, test } from "vitest";
import { type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { temporaryFolder } from "#scripts/services/place.ts";
import { toolPaths } from "#scripts/setup/tools.ts";
import { createNasty, dropNasty, HARD_GROUPS, type NastyInventory, PORTABLE_GROUPS, readNasty } from "./nasty-schema.ts";
import { rowSums } from "./row-sums.ts";

const connectTo = (server: RunningMysql) => mysql.createConnection({ socketPath: server.socket, user: server.user, password: server.password, charset: "utf8mb4" });

describe.each(["mysql", "mariadb"] as const)("%s", (flavor) => {
  test("every trap is there as said, and can be removed", async () => {
    const server = await startMysql({ flavor });
    try {
      const connection = await connectTo(server);
      const expected = await createNasty(connection, { flavor, include: [...PORTABLE_GROUPS, ...HARD_GROUPS], blobMegabytes: 3 });
      expect(await readNasty(connection, expected)).toEqual(expected);
      const [size] = await connection.query<RowDataPacket[]>("SELECT LENGTH(b) AS bytes FROM nasty.big_row WHERE id = 1");
      expect(size[0]?.bytes).toBe(3 * 2 ** 20);
      await dropNasty(connection, flavor);
      expect((await readNasty(connection, expected)).schemas).toEqual([]);
      expect((await readNasty(connection, expected)).accounts).toEqual([]);
      await connection.end();
    } finally {
      await server.stop();
    }
  });

  test("a plain dump carries the portable groups, so that a failure on them is ours", async () => {
    const [source, target] = await Promise.all([startMysql({ flavor }), startMysql({ flavor })]);
    const folder = temporaryFolder("nasty");
    try {
      const [from, to] = await Promise.all([connectTo(source), connectTo(target)]);
      const expected = await createNasty(from, { flavor });
      await to.query("SET GLOBAL log_bin_trust_function_creators = 1");
      dumpAndLoad(source, target, expected.schemas, folder);
      expect(withoutAccounts(await readNasty(to, expected))).toEqual(withoutAccounts(expected));
      expect(await rowSums(to, expected.tables)).toEqual(await rowSums(from, expected.tables));
      await Promise.all([from.end(), to.end()]);
    } finally {
      await Promise.all([source.stop(), target.stop()]);
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

function dumpAndLoad(source: RunningMysql, target: RunningMysql, schemas: readonly string[], folder: string): void {
  const tools = toolPaths();
  const [dump, client] = source.flavor === "mysql" ? [tools.mysql.mysqldump, tools.mysql.mysql] : [tools.mariadb.mariadbDump, tools.mariadb.mariadb];
  const login = (server: RunningMysql): string => {
    const file = join(folder, `${server.pid}.cnf`);
    writeFileSync(file, `[client]\nuser=root\npassword="${server.password}"\nsocket=${server.socket}\n`, { mode: 0o600 });
    return `--defaults-extra-file=${file}`;
  };
  const sql = join(folder, "dump.sql");
  const flags = ["--single-transaction", "--routines", "--events", "--triggers", "--hex-blob", "--default-character-set=utf8mb4", "--no-tablespaces"];
  const own = source.flavor === "mysql" ? ["--set-gtid-purged=OFF"] : ["--dump-history"];
  const dumped = spawnSync(dump, [login(source), ...flags, ...own, "--databases", "--", ...schemas], { stdio: ["ignore", openSync(sql, "w", 0o600), "pipe"], timeout: 60_000, killSignal: "SIGKILL" });
  expect([dumped.status, String(dumped.stderr)]).toEqual([0, ""]);
  const loaded = spawnSync(client, [login(target), "--binary-mode", "--default-character-set=utf8mb4"], { stdio: [openSync(sql, "r"), "ignore", "pipe"], timeout: 60_000, killSignal: "SIGKILL" });
  expect([loaded.status, String(loaded.stderr)]).toEqual([0, ""]);
}

function withoutAccounts({ accounts: _, ...rest }: NastyInventory): Omit<NastyInventory, "accounts"> {
  return rest;
}
