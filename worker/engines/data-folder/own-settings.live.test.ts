import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { settingsInTheWay } from "#lib/domain/recovery/server-settings.ts";
import { chooseAccount, type RunAs } from "#worker/engines/sandbox/run-as.ts";
import { testTools } from "#worker/testing/tools.ts";
import { ownSettings } from "./own-settings.ts";

let base = "";
let account: RunAs;
beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), "sg-own-"));
  chmodSync(base, 0o755);
  for (const name of ["data", "parts"]) mkdirSync(join(base, name));
  account = await chooseAccount("/bin/true", base);
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

it.each(["mysql", "mariadb"] as const)("%s: the program itself says what an option file comes to, files that it includes among it, and touches no data directory", async (flavor) => {
  const program = testTools().clients[flavor]?.mysqld ?? "";
  const config = join(base, `${flavor}.cnf`);
  // As distributions have them: another folder's files, dashes or not, sizes with a letter.
  writeFileSync(join(base, "parts", "a.cnf"), `[mysqld]\ndatadir=${base}/data/\ninnodb-page-size=8K\nskip_log_bin\n`);
  writeFileSync(config, `[client]\nport=1\n!includedir ${base}/parts\n[mysqld]\ninnodb_undo_directory = ${base}/undo\n`);
  for (const path of [config, join(base, "parts", "a.cnf")]) chmodSync(path, 0o644);
  const { settings, dataFolder, standIn } = await ownSettings(program, config, account);
  expect(dataFolder).toBe(`${base}/data/`);
  const inTheWay = settingsInTheWay(settings, { pageSize: 16384, dataFilePath: "ibdata1:12M:autoextend", lowerCaseTableNames: 0 }, { folders: [`${base}/data`], standIn });
  expect(inTheWay.map(({ option, found }) => `${option} ${found}`)).toEqual(["innodb-page-size 8192", `innodb-undo-directory ${base}/undo`]);
  expect(readdirSync(join(base, "data"))).toEqual([]);
  writeFileSync(config, "[broken\n");
  await expect(ownSettings(program, config, account)).rejects.toMatchObject({ code: "DATADIR_CONFIG", detail: expect.stringContaining(config) });
});
