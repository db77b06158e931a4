import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Connection, RowDataPacket } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Secret } from "#lib/platform/secret.ts";
import { type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { loadIdentity } from "#worker/host/identity.ts";
import { signManifest } from "#worker/host/sign-document.ts";
import { agentsOf } from "#worker/testing/agents.ts";
import { type CliScene, descendants, type Ended, makeCliScene } from "#worker/testing/cli-scene.ts";

const SCHEMA = [
  "CREATE DATABASE shop CHARACTER SET utf8mb4",
  "USE shop",
  "CREATE TABLE customers (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(60) NOT NULL)",
  "CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, customer INT NOT NULL, note LONGTEXT, FOREIGN KEY (customer) REFERENCES customers (id))",
  "INSERT INTO customers (name) VALUES ('Anna'), ('Bruno')",
  "INSERT INTO orders (customer, note) VALUES (1, REPEAT('a', 300000)), (2, 'riservatissimo')",
  "CREATE VIEW big AS SELECT c.name, COUNT(*) AS n FROM customers c JOIN orders o ON o.customer = c.id GROUP BY c.name",
  "CREATE TRIGGER stamp BEFORE INSERT ON orders FOR EACH ROW SET NEW.note = COALESCE(NEW.note, 'none')",
];

/** Each command is a process of its own; some start a server besides. Milliseconds. */
const LONG = 240_000;

/** Real child processes of bin/salvagente against real servers, from worker.yaml to exit code. */
describe("the command line", () => {
  let source: RunningMysql;
  let spare: RunningMysql;
  let scene: CliScene;
  let connection: Connection;
  let setId = "";

  const value = async (statement: string, on = connection): Promise<string> => {
    const [rows] = await on.query<RowDataPacket[]>({ sql: statement, rowsAsArray: true });
    return String((rows[0] as unknown as unknown[] | undefined)?.[0]);
  };
  /** Exactly one JSON object on standard output. */
  const json = async (args: readonly string[], code: number, yaml?: string): Promise<Record<string, unknown> & { ok: boolean }> => {
    const end = await scene.run(["--json", ...args], yaml);
    expect(`${end.code}\n${end.code === code ? "" : end.stderr + end.stdout}`).toBe(`${code}\n`);
    expect(end.stdout).toMatch(/^\{[^\n]*\}\n$/);
    const answer = JSON.parse(end.stdout);
    expect(answer.ok).toBe(code === 0);
    if (code !== 0 && !("destinations" in answer)) expect(answer.fault).toMatchObject({ code: expect.any(String), what: expect.any(String), why: expect.any(String), todo: expect.any(String) });
    return answer;
  };
  const plan = (name: string, ...args: string[]): Promise<Ended> => scene.run(["plan", "db", setId, ...args, "--output", join(scene.folder, name)]);
  const restore = (name: string, ...args: string[]): Promise<Ended> => scene.run(["restore", join(scene.folder, name), ...args]);

  beforeAll(async () => {
    [source, spare] = await Promise.all([startMysql({ flavor: "mysql", password: `s3gr"eto'\\ ${Math.random()}` }), startMysql({ flavor: "mysql" })]);
    connection = await connect({ name: "db", socket: source.socket, user: source.user, password: new Secret(source.password) });
    for (const statement of SCHEMA) await connection.query(statement);
    scene = await makeCliScene([{ name: "db", ...source }, { name: "spare", ...spare }]);
  });
  afterAll(async () => {
    connection?.destroy();
    await scene?.close();
    await Promise.all([source?.stop(), spare?.stop()]);
  });

  it("doctor: a healthy host", async () => {
    const human = await scene.run(["doctor"]);
    expect(human.stdout).not.toContain("✖");
    expect(human).toMatchObject({ code: 0, stdout: expect.stringMatching(/✔ programs[\s\S]*✔ files with secrets\n✔ policies \(1\)\n✔ key operations[\s\S]*server db \(mysql [\s\S]*✔ destination two/) });
    expect((await json(["doctor"], 0)).examinations).toHaveLength(9);
  });

  it.each<[string, (yaml: string) => string, string, string]>([
    ["a server that is not there", (yaml) => yaml.replace(/socket: \S+,/, "socket: gone.sock,"), "server db", "SERVER_UNREACHABLE"],
    ["a wrong password", (yaml) => yaml.replace("secrets/db }", "secrets/spare }"), "server db", "SERVER_ACCESS_DENIED"],
    ["a password file that is not there", (yaml) => yaml.replace("secrets/db }", "secrets/none }"), "server db", "CONFIG_INVALID"],
    ["a key that is none", (yaml) => yaml.replace("file: operations.asc", "file: worker.yaml"), "key operations", "KEY_UNUSABLE"],
    ["a destination that cannot be written", (yaml) => yaml.replace("copies/two", "/proc/copies"), "destination two", "DESTINATION_FAILED"],
    ["a program that is missing", (yaml) => yaml.replace(/ zstd: \S+/, " zstd: none/zstd"), "programs", "TOOL_MISSING"],
    ["a program that does not run", (yaml) => yaml.replace(/ zstd: \S+/, " zstd: /bin/false"), "programs", "TOOL_FAILED"],
    ["a policy that names nobody", (yaml) => yaml.replace("recipients: [operations,", "recipients: [nobody,"), "policies", "CONFIG_UNKNOWN_NAME"],
  ])("doctor: %s → 5, what, why and what to do", async (_what, change, subject, code) => {
    const answer = await json(["doctor"], 5, change(scene.yaml));
    const examinations = answer.examinations as { subject: string; findings: { severity: string; fault: Record<string, string> }[] }[];
    const found = examinations.filter((item) => item.findings.some((finding) => finding.severity === "error" && finding.fault.code === code));
    expect(found.map((item) => item.subject.startsWith(subject))).toEqual([true]);
    const [fault] = found.flatMap((item) => item.findings.map((finding) => finding.fault));
    expect([fault?.what, fault?.why, fault?.todo].join(" ")).not.toMatch(/\{\w+\}|undefined/);
  });

  it("doctor: files that others can read are told", async () => {
    const open = join(scene.folder, "secrets", "open");
    writeFileSync(open, source.password, { mode: 0o644 });
    const human = await scene.run(["--lang", "it", "doctor"], scene.yaml.replace("secrets/db }", "secrets/open }"));
    expect(human).toMatchObject({ code: 0, stdout: expect.stringMatching(/⚠ files with secrets\n.*warning\n.*STATE_INSECURE: \S+secrets\/open è leggibile da altri/) });
  });

  it("backup full: prints the set, tells on standard error, shows no secret to anybody", async () => {
    const command = scene.start(["backup", "full", "--policy", "nightly"]);
    const seen = new Set<string>();
    let running = true;
    void command.end.finally(() => (running = false));
    while (running) {
      for (const text of descendants(command.pid).values()) seen.add(text);
      await pause(15);
    }
    const end = await command.end;
    expect(end).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d{8}T\d{6}Z-[0-9a-f]+\n$/) });
    expect(end.stderr).toMatch(/▶ dump[\s\S]*✔ commit/);
    setId = end.stdout.trim();
    expect([...seen].some((text) => text.includes("mysqldump"))).toBe(true);
    const journal = readFileSync(join(scene.folder, "state/runs", `${setId}.jsonl`), "utf8");
    for (const secret of [source.password, scene.passphrase, "riservatissimo"]) {
      for (const text of [...seen, journal, end.stdout, end.stderr]) expect(text.includes(secret) ? text : "").toBe("");
    }
    expect(readdirSync(join(scene.folder, "spool"))).toEqual([]);
    expect(agentsOf(scene.folder)).toEqual([]);
  });

  it("list and show", async () => {
    expect((await json(["list"], 0)).destinations).toMatchObject([{ destination: "one", sets: [{ summary: { setId } }] }, { destination: "two", sets: [{ summary: { setId } }] }]);
    expect((await scene.run(["list", "-d", "two"])).stdout).toMatch(new RegExp(`^two: 1 sets\n {2}${setId}  db .* intact\n$`));
    expect((await json(["show", "db", setId], 0)).manifest).toMatchObject({ id: setId });
    expect((await scene.run(["show", "db", setId])).stdout).toMatch(/shop: 2 tables, 1 views, 0 routines, 1 triggers[\s\S]*2 {2}customers/);
    expect((await json(["show", "db", "20200101T000000Z-000000"], 1)).fault).toMatchObject({ code: "MANIFEST_MISSING" });
    expect((await json(["list", "-d", "three"], 2)).fault).toMatchObject({ code: "CONFIG_UNKNOWN_NAME" });
  });

  it("verify: proven → 0; data that differ from what was recorded → 3", async () => {
    expect(await scene.run(["verify", "db", setId])).toMatchObject({ code: 0, stdout: "proven\n" });
    const [path = "", other = ""] = ["one", "two"].map((name) => join(scene.folder, "copies", name, "db/full", setId, "manifest.json"));
    const stored = readFileSync(path);
    const { manifest } = JSON.parse(stored.toString());
    manifest.inventory.schemas[0].tables[0].rows += 1;
    const { signing } = await loadIdentity(join(scene.folder, "state"));
    for (const file of [path, other]) writeFileSync(file, signManifest(manifest, signing));
    const answer = await json(["verify", "db", setId], 3);
    expect(answer.fault).toMatchObject({ code: "VERIFICATION_FAILED" });
    for (const file of [path, other]) writeFileSync(file, stored);
    expect((await json(["verify", "db", setId, "--level", "intact"], 0)).verification).toMatchObject({ setId });
  }, LONG);

  it("plan says what would happen; restore does it beside, and tables alone", async () => {
    const human = await plan("beside.json", "--schema", "shop", "--as", "shop=shop copy");
    expect(human).toMatchObject({ code: 0, stdout: expect.stringMatching(/^plan \w{4}-\w{4} {2}valid until [\s\S]*\+ shop copy/) });
    expect((await json(["plan", "db", setId, "--schema", "shop", "--as", "shop=shop2"], 0)).plan).toMatchObject({ tables: 2, rows: 4 });
    expect(await restore("beside.json")).toMatchObject({ code: 0, stdout: "created shop copy\n" });
    expect(await value("SELECT n FROM `shop copy`.big WHERE name = 'Anna'")).toBe("1");
    expect(await restore("beside.json"), "a plan runs once").toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/PLAN_CHANGED|TARGET_NOT_EMPTY/) });

    const file = join(scene.folder, "swap.json");
    const swapRun = async (...planning: string[]): Promise<string> => {
      expect((await json(["swap", ...planning, "-o", file], 0)).plan).toMatchObject({ typedName: "shop", way: "held" });
      return String((await json(["swap", "run", file, "--confirm", "shop"], 0)).runId);
    };
    await connection.query("DELETE FROM shop.orders WHERE id = 2");
    const swapped = await swapRun("plan", "db", "--with", "shop=shop copy");
    expect(await value("SELECT COUNT(*) FROM shop.orders")).toBe("2");
    const undone = await swapRun("undo", swapped);
    expect(await value("SELECT COUNT(*) FROM shop.orders")).toBe("1");
    expect((await scene.run(["swap", "list"])).stdout).toMatch(new RegExp(`^${undone}  swapped .*\n${swapped}  undone .*\n$`));
    expect((await json(["swap", "undo", "20200101T000000Z-000000"], 2)).fault).toMatchObject({ code: "NOT_FOUND" });
    await connection.query("INSERT INTO shop.orders (id, customer, note) VALUES (2, 2, 'riservatissimo')");

    await plan("tables.json", "--schema", "shop", "--table", "customers", "--as", "shop=shop_t");
    expect(await json(["restore", join(scene.folder, "tables.json")], 0)).toMatchObject({ outcome: "completed", restore: { created: ["shop_t"] } });
    expect(await value("SELECT GROUP_CONCAT(TABLE_NAME) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop_t'")).toBe("customers");
  }, LONG);

  it("restore onto another server, only where nothing is", async () => {
    await plan("spare.json", "--to", "spare");
    expect(await restore("spare.json")).toMatchObject({ code: 0, stdout: "created shop\n" });
    const other = await connect({ name: "spare", socket: spare.socket, user: spare.user, password: new Secret(spare.password) });
    expect(await value("SELECT COUNT(*) FROM shop.orders", other)).toBe("2");
    other.destroy();
    expect((await json(["plan", "db", setId, "--to", "spare"], 1)).fault).toMatchObject({ code: "TARGET_NOT_EMPTY" });
  }, LONG);

  it("in place: only with the name typed right, and what was there is kept", async () => {
    await connection.query("DELETE FROM shop.orders WHERE id = 2");
    expect((await plan("place.json", "--schema", "shop", "--in-place")).stdout).toContain(`--confirm 'shop'`);
    expect(await restore("place.json", "--confirm", "shopp")).toMatchObject({ code: 1, stderr: expect.stringContaining("TYPED_NAME_WRONG") });
    expect(await restore("place.json")).toMatchObject({ code: 1, stderr: expect.stringContaining("TYPED_NAME_WRONG") });
    expect(await value("SELECT COUNT(*) FROM shop.orders")).toBe("1");
    const end = await restore("place.json", "--confirm", "shop");
    expect(end).toMatchObject({ code: 0, stdout: expect.stringMatching(/^safety copy \S+\nwhat was there before: \S+\n$/) });
    expect(await value("SELECT COUNT(*) FROM shop.orders")).toBe("2");
    await connection.query(`DROP DATABASE \`${end.stdout.trim().split(": ")[1]}\``);
  });

  it("cancelled by Ctrl-C → 4, and nothing is left of it", async () => {
    const before = readdirSync(join(scene.folder, "copies/one/db/full"));
    await connection.query("LOCK TABLES shop.orders WRITE"); // the backup waits for its short lock
    const command = scene.start(["--json", "backup", "full", "--policy", "nightly"]);
    while (!command.said().includes("▶ dump")) await pause(20);
    await pause(300);
    command.interrupt();
    const end = await command.end;
    await connection.query("UNLOCK TABLES");
    expect(end.code).toBe(4);
    expect(JSON.parse(end.stdout)).toMatchObject({ ok: false, outcome: "cancelled", fault: { code: "CANCELLED" } });
    expect(readdirSync(join(scene.folder, "copies/one/db/full"))).toEqual(before);
    for (const folder of ["spool", "sandbox", "state/temp", "state/locks"]) expect(readdirSync(join(scene.folder, folder)).filter((name) => name !== "templates"), folder).toEqual([]);
    expect(await value("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE COMMAND <> 'Daemon' AND ID <> CONNECTION_ID()")).toBe("0");
    expect(agentsOf(scene.folder)).toEqual([]);
    expect(existsSync(`/proc/${command.pid}`)).toBe(false);
  });

  it("runs and show-run read the journals", async () => {
    const { runs } = (await json(["runs"], 0)) as unknown as { runs: { runId: string; kind: string; outcome: string; fault: string | null }[] };
    expect(runs[0]).toMatchObject({ kind: "backup-full", outcome: "cancelled", fault: "CANCELLED" });
    expect(runs.at(-1)).toMatchObject({ runId: setId, kind: "backup-full", server: "db" });
    expect(await scene.run(["show-run", setId, "--follow"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/▶ preflight[\s\S]*after [\d.]+ s\n$/) });
    expect((await json(["show-run", "../../secrets/db"], 2)).fault).toMatchObject({ code: "NOT_FOUND" });
  });

  it("a run that fails for a reason that is known says it once, and not where in the program", async () => {
    const end = await scene.run(["backup", "full", "-p", "nightly"], scene.yaml.replace(/socket: \S+,/, "socket: gone.sock,"));
    expect(end).toMatchObject({ code: 1, stderr: expect.stringMatching(/SERVER_UNREACHABLE: .*\n +connect ENOENT .*\n +\S.*\n$/) });
    expect(end.stderr).not.toMatch(/\n +at .*:\d+:\d+|"level"/);
  });

  it("wrong use → 2, in the language asked for", async () => {
    expect((await json(["restore", join(scene.folder, "worker.yaml")], 2)).fault).toMatchObject({ code: "INPUT_INVALID", what: expect.stringContaining("no plan") });
    expect((await json(["restore", join(scene.folder, "none.json")], 2)).fault).toMatchObject({ code: "INPUT_INVALID" });
    expect((await json(["backup", "full", "-p", "weekly"], 2)).fault).toMatchObject({ code: "CONFIG_UNKNOWN_NAME" });
    expect((await json(["verify", "db", setId, "-d", "three"], 2)).fault).toMatchObject({ code: "CONFIG_UNKNOWN_NAME" });
    expect((await json(["plan", "db", "no-set"], 2)).fault).toMatchObject({ code: "INPUT_INVALID" });
    for (const [command, typed] of [["verify", ""], ["show", "../db"]] as const) expect((await json([command, "db", typed], 2)).fault).toMatchObject({ code: "INPUT_INVALID", what: expect.stringContaining(`set ${JSON.stringify(typed)}: its id`) });
    expect((await json(["verify", "db", "20200101T000000Z-000000"], 1)).fault).toMatchObject({ code: "MANIFEST_MISSING" });
    expect((await json(["--lang", "it", "list", "-d", "three"], 2)).fault).toMatchObject({ what: "Non esiste destinazione di nome «three»." });
    expect(await scene.run(["list"], "host: [")).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("CONFIG_INVALID") });
  });
});
