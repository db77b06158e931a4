import { mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { RowDataPacket } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { SourceServer } from "#lib/contract/manifest/manifest.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { Secret } from "#lib/platform/secret.ts";
import { checkTables } from "#worker/engines/checks/check-tables.ts";
import { collectInventory } from "#worker/engines/inventory/collect-inventory.ts";
import { type Sandbox, startSandbox } from "#worker/engines/sandbox/sandbox.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { identify } from "#worker/engines/server/identify.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import { until } from "#worker/testing/processes.ts";
import { testTools } from "#worker/testing/tools.ts";
import type { LoadTarget } from "./client-session.ts";
import type { LoadableArtifact } from "./load-artifact.ts";
import type { LoadProgress } from "./load-progress.ts";
import { loadSet } from "./load-set.ts";

const BODY = "-- salvagente: body\n";
const TABLES = `CREATE DATABASE IF NOT EXISTS s CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;\nUSE \`s\`;\n${BODY}SET foreign_key_checks = 0;
CREATE TABLE parent (id INT AUTO_INCREMENT PRIMARY KEY, code INT NOT NULL, txt VARCHAR(200), UNIQUE KEY code (code), KEY b (txt(10)), KEY a (txt, code), FULLTEXT KEY ft (txt)) ENGINE=InnoDB;
CREATE TABLE child (id INT, n INT NOT NULL AUTO_INCREMENT, p INT, q INT, PRIMARY KEY (id), KEY z (p), KEY n (n), KEY y (q), CONSTRAINT c1 FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE, CONSTRAINT c2 FOREIGN KEY (q) REFERENCES parent (code)) ENGINE=InnoDB;
CREATE TABLE nokey (a INT NOT NULL, b INT, UNIQUE KEY a (a), KEY b (b)) ENGINE=InnoDB;
CREATE TABLE isam (a INT, KEY a (a)) ENGINE=MyISAM;
`;
const rows = (count: number, row: (n: number) => string): string => Array.from({ length: count }, (_, n) => row(n + 1)).join(",");
const parentRow = (n: number): string => `(${n},${n * 3},'text ${n} with words')`;
const DATA = `USE \`s\`;\n${BODY}SET foreign_key_checks = 0, unique_checks = 0;
INSERT INTO \`parent\` VALUES ${rows(250, parentRow)};
INSERT INTO \`child\` VALUES ${rows(500, (n) => `(${n},${n},${n},${n * 3})`)};
INSERT INTO \`nokey\` VALUES ${rows(10_000, (n) => `(${n},${n % 7})`)};
INSERT INTO \`isam\` VALUES ${rows(15_000, (n) => `(${n})`)};
`;
/** The other rows of a table that was dumped in ranges. */
const MORE_DATA = `USE \`s\`;\n${BODY}INSERT INTO parent VALUES ${rows(250, (n) => parentRow(n + 250))};\n`;

const artifact = (name: string, open: () => Readable): LoadableArtifact => ({ name, schema: "s", ...(name.startsWith("200") ? { tables: ["parent", "child", "nokey", "isam"] } : {}), bytes: 1000, open });
const text = (name: string, sql: string): LoadableArtifact => artifact(name, () => Readable.from([Buffer.from(sql)]));

describe.each(["mysql", "mariadb"] as const)("loading into %s", (flavor) => {
  const folder = mkdtempSync(join(tmpdir(), "sg-load-"));
  const tools = testTools().clients[flavor] as ClientTools;
  let source: SourceServer;

  beforeAll(async () => {
    const { socket, user, password } = inject("services")[flavor];
    const connection = await connect({ name: "source", socket, user, password: new Secret(password) });
    source = await identify(connection, "source");
    await connection.end();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const withSandbox = async (work: (sandbox: Sandbox, target: LoadTarget) => Promise<void>): Promise<void> => {
    const { signal } = new AbortController();
    const sandbox = await startSandbox({ tools, flavor, folder, source, signal, purpose: "test" });
    try {
      await work(sandbox, { access: sandbox.access, flavor, tools, signal, skipBinlog: true });
    } finally {
      await sandbox.destroy();
    }
  };
  const load = (target: LoadTarget, artifacts: LoadableArtifact[], deferIndexes = true, mode: "throw-away" | "new-instance" = "throw-away", onProgress?: (progress: LoadProgress) => void) =>
    loadSet({ target, artifacts, mode, workers: 2, deferIndexes, onProgress, tableSize: () => ({ rows: 1e6, dataBytes: 1e9 }) });
  const query = async (target: LoadTarget, sql: string): Promise<string> => {
    const connection = await connect(target.access);
    const [found] = await connection.query<RowDataPacket[]>({ sql, rowsAsArray: true });
    await connection.end();
    return JSON.stringify(found);
  };

  it("builds indexes later and ends with the structure of the plain load", async () => {
    const results = await Promise.all([true, false].map(async (defer) => {
      let result: unknown;
      await withSandbox(async (sandbox, target) => {
        const told: LoadProgress[] = [];
        const artifacts = [{ ...text("200-data-00001-00002.sql", MORE_DATA), tables: ["parent"] }, text("200-data-00001-00001.sql", DATA), text("100-tables-00001.sql", TABLES)];
        const report = await load(target, artifacts, defer, "throw-away", (progress) => void told.push(progress));
        // Of the table that came in two parts, the indexes were taken off and built once; it is done with its last part.
        expect(told.at(-1)).toMatchObject({ tablesDone: 4, tablesTotal: 4 });
        expect(report.tablesWithDeferredIndexes).toBe(defer ? 3 : 0);
        const connection = await connect(target.access);
        const inventory = await collectInventory(connection, { schemas: ["s"], flavor, accounts: false });
        const beside = await connect(target.access);
        const check = () => checkTables([connection, beside], inventory, { critical: ["parent"] });
        expect(await check()).toEqual({ checked: 4, differences: [] });
        const creates = await Promise.all(["parent", "child", "nokey", "isam"].map((name) => query(target, `SHOW CREATE TABLE s.${name}`)));
        expect(await query(target, "SELECT COUNT(*) FROM s.parent FORCE INDEX (a)")).toMatch(/\["?500"?\]/);
        result = { creates, structures: inventory.schemas[0]?.tables.map(({ name, structure }) => [name, structure]), rows: await query(target, "SELECT COUNT(*), SUM(p), SUM(q) FROM s.child FORCE INDEX (y)"), counts: await query(target, "SELECT (SELECT CONCAT(COUNT(*), ' ', SUM(b)) FROM s.nokey), (SELECT COUNT(*) FROM s.isam)") };
        // Rows of long statements were read as text; those of another engine went to the client, each long statement cut within one transaction.
        for (const [name, times] of [["load", 1], ["begin", 1]]) expect(Number(JSON.parse(await query(target, `SHOW GLOBAL STATUS LIKE 'Com_${name}'`))[0][1])).toBe(times);
        expect(await query(target, "SELECT @@GLOBAL.local_infile")).toMatch(/\["?0"?\]/);
        if (flavor === "mysql") expect(await query(target, "SHOW GLOBAL STATUS LIKE 'Innodb_redo_log_enabled'")).toContain("ON");
        await connection.query("FLUSH TABLES");
        truncateSync(join(sandbox.data, "s", "isam.MYD"), 7);
        expect((await check()).differences).toEqual(expect.arrayContaining([expect.objectContaining({ kind: "check-table", object: "s.isam" })]));
        for (const open of [connection, beside]) await open.end();
      });
      return result;
    }));
    expect(results[0]).toEqual(results[1]);
  });

  it("says which artifact failed and why, without rows, and stops there", async () => {
    await withSandbox(async (_sandbox, target) => {
      const bad = `USE \`s\`;\n${BODY}INSERT INTO nokey VALUES (1,1);\nINSERT INTO nokey VALUES (1,1);\nINSERT INTO isam VALUES (99);\n`;
      await expect(load(target, [text("100-tables-00001.sql", TABLES), text("200-data-00001-00001.sql", bad), text("500-triggers-00001.sql", `USE \`s\`;\n${BODY}SELECT 1;`)])).rejects.toMatchObject({
        code: "LOAD_FAILED", params: { artifact: "200-data-00001-00001.sql", message: expect.stringMatching(/^ERROR 1062 .*Duplicate entry '…' for key/) },
      });
      expect(await query(target, "SELECT COUNT(*) FROM s.isam")).toMatch(/\["?0"?\]/);
    });
  });

  /** Long enough for its rows to be read as text. */
  const long = `USE \`s\`;\n${BODY}INSERT INTO \`nokey\` VALUES ${rows(10_000, (n) => `(${n},1)`)};\n`;
  /** Rows that the server has begun to read, and then what `then` does. */
  const begun = (then: () => Promise<void>): LoadableArtifact => artifact("200-data-00001-00001.sql", () => Readable.from((async function* () {
    yield Buffer.from(long);
    await then();
    for (let n = 0; n < 50; n += 1) yield Buffer.from(`INSERT INTO \`nokey\` VALUES (${20_000 + n},1);\n`);
  })()));

  it("rows read as text: one that does not fit, a broken stream, a cancel and a lost server fail the load, and leave none behind", async () => {
    const reading = (target: LoadTarget) => until("the server reads rows", async () => (await query(target, "SHOW PROCESSLIST")).includes("LOAD DATA LOCAL"));
    await withSandbox(async (sandbox, target) => {
      const twice = text("200-data-00001-00001.sql", long.replace("(2,1)", "(10000,1)"));
      await expect(load(target, [text("100-tables-00001.sql", TABLES), twice])).rejects.toMatchObject({ code: "LOAD_FAILED", params: { message: expect.stringMatching(/^ERROR 1062 in rows of `nokey`: Duplicate entry '…' for key/) } });
      await query(target, "DROP DATABASE s");
      // MariaDB says nothing of it: there the round trip of digests must show it.
      if (flavor === "mysql") {
        const tables = `${TABLES}CREATE TABLE hashes (n INT PRIMARY KEY, h VARBINARY(8)) ENGINE=InnoDB;\n`;
        const odd = text("200-data-00001-00001.sql", `USE \`s\`;\n${BODY}INSERT INTO \`hashes\` VALUES ${rows(10_000, (n) => `(${n},${n === 5000 ? "0xNO" : "0x6162"})`)};\n`);
        await expect(load(target, [text("100-tables-00001.sql", tables), odd])).rejects.toMatchObject({ code: "LOAD_FAILED", params: { message: expect.stringMatching(/^ERROR 1411 in rows of `hashes`/) } });
        await query(target, "DROP DATABASE s");
      }

      const fault = new Fault("UNSEAL_FAILED", { params: { artifact: "x", message: "cut" } });
      await expect(load(target, [text("100-tables-00001.sql", TABLES), begun(async () => {
        await reading(target);
        throw fault;
      })])).rejects.toBe(fault);
      const controller = new AbortController();
      await expect(load({ ...target, signal: controller.signal }, [text("100-tables-00001.sql", `DROP DATABASE s;\n${TABLES}`), begun(async () => {
        await reading(target);
        controller.abort();
      })])).rejects.toMatchObject({ code: "CANCELLED" });
      await until("what was read is given up", async () => !(await query(target, "SHOW PROCESSLIST")).includes("LOAD DATA LOCAL"));
      expect(await query(target, "SELECT COUNT(*) FROM s.nokey")).toMatch(/\["?0"?\]/);

      await expect(load(target, [text("100-tables-00001.sql", `DROP DATABASE s;\n${TABLES}`), begun(async () => {
        await reading(target);
        process.kill(sandbox.pid, "SIGKILL");
        await sandbox.ended;
      })])).rejects.toMatchObject({ code: "LOAD_FAILED" });
    });
  });

  it.runIf(flavor === "mysql")("a new instance has its redo log again, after a failure too; one that died with it off is told", async () => {
    await withSandbox(async (sandbox, target) => {
      let during = "";
      const looking = artifact("200-data-00001-00001.sql", () => Readable.from((async function* () {
        during = await query(target, "SHOW GLOBAL STATUS LIKE 'Innodb_redo_log_enabled'");
        yield Buffer.from(`USE \`s\`;\n${BODY}INSERT INTO nokey VALUES (1,1);\nINSERT INTO nokey VALUES (1,1);\n`);
      })()));
      await expect(load(target, [text("100-tables-00001.sql", TABLES), looking], true, "new-instance")).rejects.toMatchObject({ code: "LOAD_FAILED" });
      expect(during).toContain("OFF");
      expect(await query(target, "SHOW GLOBAL STATUS LIKE 'Innodb_redo_log_enabled'")).toContain("ON");
      // Killed meanwhile, it never starts again on these files: whoever reads the fault is told.
      const killed = artifact("200-data-00001-00001.sql", () => Readable.from((async function* () {
        yield Buffer.from(`USE \`s\`;\n${BODY}`);
        process.kill(sandbox.pid, "SIGKILL");
        await sandbox.ended;
        yield Buffer.from("INSERT INTO isam VALUES (1);\n");
      })()));
      await query(target, "DROP DATABASE s");
      await expect(load(target, [text("100-tables-00001.sql", TABLES), killed], true, "new-instance")).rejects.toMatchObject({ code: expect.stringMatching(/LOAD_FAILED|SERVER_CONNECTION_LOST/), detail: expect.stringContaining("the redo log of the new server is still off") });
    });
  });

  it("passes on the fault of a broken stream and never runs half a statement", async () => {
    await withSandbox(async (_sandbox, target) => {
      const fault = new Fault("UNSEAL_FAILED", { params: { artifact: "x", message: "cut" } });
      const broken = artifact("200-data-00001-00001.sql", () => Readable.from((async function* () {
        yield Buffer.from(`USE \`s\`;\n${BODY}INSERT INTO isam VALUES (1)`);
        throw fault;
      })()));
      await expect(load(target, [text("100-tables-00001.sql", TABLES), broken])).rejects.toBe(fault);
      expect(await query(target, "SELECT COUNT(*) FROM s.isam")).toMatch(/\["?0"?\]/);
    });
  });

  it("runs no commands of the client", async () => {
    await withSandbox(async (_sandbox, target) => {
      const evil = `USE \`s\`;\n${BODY}\\! touch ${join(folder, "pwned")}\nsystem touch ${join(folder, "pwned")}\n`;
      await expect(load(target, [text("100-tables-00001.sql", TABLES), text("200-data-00001-00001.sql", evil)])).rejects.toMatchObject({ code: "LOAD_FAILED" });
      expect(() => rmSync(join(folder, "pwned"))).toThrow(/ENOENT/);
    });
  });

  it("ends with a fault when the server is killed in the middle, and a new sandbox takes the load", async () => {
    await withSandbox(async (sandbox, target) => {
      const slow = artifact("200-data-00001-00001.sql", () => Readable.from((async function* () {
        yield Buffer.from(`USE \`s\`;\n${BODY}INSERT INTO isam VALUES (1);\n`);
        await new Promise((resolve) => setTimeout(resolve, 300));
        process.kill(sandbox.pid, "SIGKILL");
        await sandbox.ended;
        for (let n = 0; n < 50; n += 1) yield Buffer.from(`INSERT INTO isam VALUES (${n});\n`);
      })()));
      await expect(load(target, [text("100-tables-00001.sql", TABLES), slow])).rejects.toMatchObject({ code: "LOAD_FAILED" });
    });
    await withSandbox(async (_sandbox, target) => void (await load(target, [text("100-tables-00001.sql", TABLES), text("200-data-00001-00001.sql", DATA)])));
  });
});
