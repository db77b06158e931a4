import { describe, expect, inject, it } from "vitest";
import { Secret } from "#lib/platform/secret.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import { testTools } from "#worker/testing/tools.ts";
import { type MysqlLogin, mysqlOptionFile, OPTION_FILE_ARGUMENT } from "./mysql-option-file.ts";
import { type RunResult, run } from "./run.ts";

const PASSWORDS = [
  '#a" \\ \' b\nnew ö 😀 ;\t=[x]\r\b$`!%&', " lead and trail ", '"', "'", "'quoted'", '"quoted"', "\\", "\\n", "a\\sb", "#", ";", "%s", "x".repeat(250),
];

describe.each(["mysql", "mariadb"] as const)("option file and %s", (flavour) => {
  const server = inject("services")[flavour];
  const found = testTools().clients[flavour];
  if (!found) throw new Error(`no ${flavour} clients`);
  const clients: ClientTools = found;
  const admin: MysqlLogin = { user: server.user, password: new Secret(server.password), host: server.host, port: server.port };
  const call = (tool: string, login: MysqlLogin, args: string[], stdin?: string): Promise<RunResult> =>
    run(tool, [OPTION_FILE_ARGUMENT, ...args], { extraFds: { 3: mysqlOptionFile(login) }, ...(stdin === undefined ? {} : { stdin }), timeoutMs: 30_000 });
  const query = (login: MysqlLogin, sql: string): Promise<RunResult> => call(clients.mysql, login, ["--batch", "--skip-column-names"], sql);

  it("carries every character of a password to the server", async () => {
    const user = "opt#file \"u'";
    const account = `'${user.replaceAll("'", "''")}'@'%'`;
    for (const password of PASSWORDS) {
      const literal = `X'${Buffer.from(password).toString("hex")}'`;
      const identify = `SET @s = CONCAT('CREATE USER ', '${account.replaceAll("'", "''")}', ' IDENTIFIED BY ', QUOTE(CONVERT(${literal} USING utf8mb4))); PREPARE p FROM @s; EXECUTE p;`;
      const made = await query(admin, `SET NAMES utf8mb4; DROP USER IF EXISTS ${account}; ${identify}`);
      expect(made).toMatchObject({ code: 0, stderr: "" });
      const login: MysqlLogin = { user, password: new Secret(password), host: server.host, port: server.port };
      expect(await query(login, "SELECT CURRENT_USER()"), JSON.stringify(password)).toMatchObject({ code: 0, stdout: `${user}@%\n` });
      expect((await query({ ...login, password: new Secret(`${password}x`) }, "SELECT 1")).stderr).toContain("Access denied");
    }
    await query(admin, `DROP USER ${account}`);
  });

  it("serves dump and binlog programs too, by socket", async () => {
    const login: MysqlLogin = { user: server.user, password: new Secret(server.password), socket: server.socket };
    const dump = await call(clients.mysqldump, login, ["--no-data", "mysql", "user"]);
    expect(dump).toMatchObject({ code: 0 });
    expect(dump.stdout).toContain("-- Dump completed");
    const refused = await call(clients.mysqlbinlog, login, ["--read-from-remote-server", "no-such-file.000001"]);
    expect(refused.stderr).toMatch(/could not find|Could not find|not using binary logging/i);
    expect(refused.stderr).not.toMatch(/Access denied|unknown (variable|option)/i);
  });
});
