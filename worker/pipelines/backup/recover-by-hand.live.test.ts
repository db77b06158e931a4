import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import type { Connection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Compression } from "#lib/contract/config/policy.ts";
import type { Manifest } from "#lib/contract/manifest/manifest.ts";
import { Secret } from "#lib/platform/secret.ts";
import { seedDemo } from "#scripts/demo/seed.ts";
import { type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { collectInventory } from "#worker/engines/inventory/collect-inventory.ts";
import { compareInventory } from "#worker/engines/inventory/compare-inventory.ts";
import { countRows } from "#worker/engines/inventory/count-rows.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { type LiveHost, makeLiveHost } from "#worker/testing/live-host.ts";
import { testTools } from "#worker/testing/tools.ts";
import { storedFiles } from "#worker/testing/stored-set.ts";
import { backupDifferential, backupFull } from "./index.ts";

const ZSTD: Compression = { codec: "zstd", level: 1 };
const GZIP: Compression = { codec: "gzip", level: 6 };
const OPERATIONAL = "gestionelogistica";
const ARCHIVE = "gestionelogistica_archivio";
/** Large enough to be dumped in ranges of its keys. */
const CUT = `${ARCHIVE}.a_pezzi`;

/** What RECOVER.md names as needed, and nothing else, is what the person has. */
const PROGRAMS = ["python3", "sha256sum", "gzip", "mktemp", "tty", "rm", "grep"];

/** A person with RECOVER.md, the files, the escrow key and an empty server: its own commands are run as they stand, settings edited. */
describe.each([
  { flavor: "mysql", whole: ZSTD, part: GZIP },
  { flavor: "mariadb", whole: GZIP, part: ZSTD },
] as const)("RECOVER.md on $flavor", ({ flavor, whole, part }) => {
  let source: RunningMysql;
  let live: LiveHost;
  let place: string;
  let escrowFingerprint: string;

  beforeAll(async () => {
    source = await startMysql({ flavor });
    await seedDemo({ connection: { socketPath: source.socket, user: source.user, password: source.password }, megabytes: 20, flavor });
    const connection = await connect({ name: "source", socket: source.socket, user: source.user, password: new Secret(source.password) });
    const rows = Array.from({ length: 12 }, (_, n) => `(${n * 100}, REPEAT('${n % 10}', 300000))`);
    for (const statement of [`CREATE TABLE ${CUT} (id INT PRIMARY KEY, t LONGTEXT)`, ...rows.map((row) => `INSERT INTO ${CUT} VALUES ${row}`), `ANALYZE TABLE ${CUT}`]) await connection.query(statement);
    connection.destroy();
    place = mkdtempSync(join(tmpdir(), "sg-hand-"));
    live = await makeLiveHost({ server: source, policy: { rangeMiB: 1, compression: whole, recipients: ["operations", "escrow"] } });
    escrowFingerprint = await live.keyring.generateKey("Escrow <escrow@test.invalid>", null);
    live.host.config.keys.push({ name: "escrow", purpose: "escrow", key: { armored: await live.keyring.exportPublic(escrowFingerprint) } });
    live.host.config.policies.push({ ...(live.host.config.policies[0] as (typeof live.host.config.policies)[number]), name: "other-codec", compression: part });
    writeFileSync(join(place, "private-key.asc"), (await live.keyring.exportPrivate(escrowFingerprint)).reveal(), { mode: 0o600 });
    makePath(join(place, "bin"), flavor);
  });
  afterAll(async () => {
    await live?.close();
    await source?.stop();
    if (place) rmSync(place, { recursive: true, force: true });
  });

  it("restores the whole server from its own commands, with the escrow key alone", async () => {
    const { manifest, folder } = await backup(live, "all");
    await withTarget(flavor, async (target, connection) => {
      const steps = commandsOf(join(folder, "../../RECOVER.md"));
      const said = byHand(place, target, [edited(steps, "## 1.", settings(place, folder)), ...section(steps, "## 2."), ...section(steps, "## 3."), ...section(steps, "## 4."), ...section(steps, "## 5a."), ...section(steps, "## 6.")]);
      expect(said).toContain(`source ${manifest.server.version}`);
      expect(said).toContain(escrowFingerprint);
      expect(said.match(/: OK$/gm)).toHaveLength(manifest.artifacts.length);
      expect(said).toMatch(/^compared$/m);
      expect(said).not.toMatch(/STOPPED|ERROR|FAILED/);
      expect(rangesOfCut(manifest.artifacts)).toBeGreaterThan(1);
      const found = await countRows([connection], await collectInventory(connection, { schemas: null, flavor, accounts: true }));
      expect(compareInventory(manifest.inventory, found)).toEqual([]);
      expect(manifest.inventory.schemas.flatMap((schema) => [...schema.views, ...schema.triggers, ...schema.events, ...schema.procedures]).length).toBeGreaterThan(8);
    });
  });

  it("restores one schema alone, beside under another name, as it says", async () => {
    const { manifest, folder } = await backup(live, "other-codec");
    const number = manifest.inventory.schemas.findIndex((schema) => schema.name === OPERATIONAL) + 1;
    await withTarget(flavor, async (target, connection) => {
      const steps = commandsOf(join(folder, "../../RECOVER.md"));
      const [listing = "", loading = "", references = ""] = section(steps, "## 5b.");
      const name = "copia `del` 23";
      const said = byHand(place, target, [
        edited(steps, "## 1.", settings(place, folder)),
        ...["## 2.", "## 3.", "## 4."].flatMap((title) => section(steps, title)),
        listing,
        replaced(loading, { NUMBER: String(number).padStart(5, "0"), NAME: `'${name}'` }),
        references,
        ...section(steps, "## 6."),
        ...section(steps, "## 7."),
      ]);
      expect(said).toContain(`${String(number).padStart(5, "0")} ${OPERATIONAL}`);
      expect(said).toMatch(/^compared$/m);
      expect(said).not.toContain("STOPPED");
      expect(said, "the routine that spells out the old name is found").toMatch(/INSERT IGNORE INTO gestionelogistica|FROM gestionelogistica\.viaggi/);
      const found = await countRows([connection], await collectInventory(connection, { schemas: null, flavor, accounts: false }));
      const expected = { ...manifest.inventory, schemas: manifest.inventory.schemas.filter((schema) => schema.name === OPERATIONAL) };
      const differences = compareInventory(expected, found, { names: { [OPERATIONAL]: name }, ignoreAccounts: true });
      // The view that reads the schema which is not there, and nothing else, is missing.
      expect(differences).toEqual([{ kind: "missing", object: `${OPERATIONAL}.v_km_deposito`, expected: "present", found: "absent" }]);
      const [rights] = await connection.query(`SHOW GRANTS FOR gl_definer@localhost`);
      expect(JSON.stringify(rights)).toContain("copia ``del`` 23");
      expect(JSON.stringify(rights)).not.toContain(`\`${OPERATIONAL}`);
    });
  });

  it("restores a differential and its full: the archive schema under its own name, then everything", async () => {
    const [setId = ""] = readdirSync(join(live.destination("two"), "db/full"));
    storedFiles(live, setId).prove();
    const sourceConnection = await connect({ name: "source", socket: source.socket, user: source.user, password: new Secret(source.password) });
    for (const statement of [`UPDATE ${CUT} SET t = 'changed' WHERE id = 1100`, "DELETE FROM gestionelogistica.user_sessions LIMIT 3", `CREATE TABLE ${ARCHIVE}.dopo (id INT PRIMARY KEY)`, `INSERT INTO ${ARCHIVE}.dopo VALUES (1)`]) await sourceConnection.query(statement);
    sourceConnection.destroy();
    // Compressed in another way than its full.
    const [policy] = live.host.config.policies;
    if (policy) policy.compression = part;
    const end = await live.run((context) => backupDifferential(context, live.host, "all"));
    expect(end.fault).toBeUndefined();
    const manifest = end.value?.manifest as Manifest;
    const folder = join(live.destination("two"), "db/differential", manifest.id);
    const number = manifest.inventory.schemas.findIndex((schema) => schema.name === ARCHIVE) + 1;
    await withTarget(flavor, async (target, connection) => {
      const steps = commandsOf(join(folder, "../../RECOVER.md"));
      const said = byHand(place, target, [
        edited(steps, "## 1.", settings(place, folder)),
        ...["## 2.", "## 3.", "## 4."].flatMap((title) => section(steps, title)),
        replaced(section(steps, "## 5b.")[1] ?? "", { NUMBER: String(number).padStart(5, "0"), NAME: ARCHIVE }),
        ...section(steps, "## 6."),
      ]);
      expect(said).toMatch(/^compared$/m);
      expect(said.match(/: OK$/gm)).toHaveLength(manifest.artifacts.length + (manifest.parent?.artifacts.length ?? 0));
      const [rows] = await connection.query("SHOW DATABASES LIKE 'gestionelogistica%'");
      expect(rows).toHaveLength(1);
      const all = byHand(place, target, [edited(steps, "## 1.", settings(place, folder)), ...["## 2.", "## 3.", "## 4.", "## 5a.", "## 6."].flatMap((title) => section(steps, title))]);
      expect(all).not.toMatch(/STOPPED|ERROR|FAILED/);
      const found = await countRows([connection], await collectInventory(connection, { schemas: null, flavor, accounts: true }));
      expect(compareInventory(manifest.inventory, found)).toEqual([]);
      expect(manifest.parent?.artifacts.length).toBeGreaterThan(1);
      // One range is the differential's, the others are in the full's files.
      expect(rangesOfCut(manifest.artifacts)).toBe(1);
      expect(rangesOfCut(manifest.parent?.artifacts ?? [])).toBeGreaterThan(0);
      const [cut] = await connection.query(`SELECT COUNT(*) AS rows_, SUM(t = 'changed') AS changed FROM ${CUT}`) as unknown as [{ rows_: number; changed: string }[]];
      expect(cut.map(({ rows_, changed }) => [Number(rows_), Number(changed)])).toEqual([[12, 1]]);
    });
  });

  it("stops at a damaged file before anything is loaded", async () => {
    const [setId = ""] = readdirSync(join(live.destination("one"), "db/full"));
    const folder = join(live.destination("one"), "db/full", setId);
    const victim = join(folder, readdirSync(folder).find((name) => name.startsWith("200-data")) ?? "");
    const bytes = readFileSync(victim);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    chmodSync(victim, 0o600);
    writeFileSync(victim, bytes);
    const steps = commandsOf(join(folder, "../../RECOVER.md"));
    const said = byHand(place, source, [edited(steps, "## 1.", settings(place, folder)), ...section(steps, "## 2.")]);
    expect(said).toContain(`${basename(victim)}: FAILED`);
    expect(said).toContain("STOPPED");
  });
});

function rangesOfCut(artifacts: Manifest["artifacts"]): number {
  return artifacts.filter(({ schema, tables, range }) => range && CUT === `${schema}.${tables?.[0]}`).length;
}

async function backup(live: LiveHost, policy: string): Promise<{ manifest: Manifest; folder: string }> {
  const end = await live.run((context) => backupFull(context, live.host, policy));
  expect(end.fault).toBeUndefined();
  if (!end.value) throw new Error("no set");
  return { manifest: end.value.manifest, folder: join(live.destination("one"), "db/full", end.value.manifest.id) };
}

async function withTarget(flavor: "mysql" | "mariadb", work: (target: RunningMysql, connection: Connection) => Promise<void>): Promise<void> {
  const target = await startMysql({ flavor });
  const connection = await connect({ name: "target", socket: target.socket, user: target.user, password: new Secret(target.password) });
  try {
    await work(target, connection);
  } finally {
    connection.destroy();
    await target.stop();
  }
}

/** The `sh` blocks under each heading of the stored document. */
function commandsOf(path: string): Map<string, string[]> {
  const steps = new Map<string, string[]>();
  for (const part of readFileSync(path, "utf8").split(/^(?=## )/m)) {
    steps.set(part.split("\n", 1)[0] ?? "", [...part.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? ""));
  }
  return steps;
}

function section(steps: ReadonlyMap<string, string[]>, start: string): string[] {
  const found = [...steps].find(([title]) => title.startsWith(start))?.[1] ?? [];
  if (found.length === 0) throw new Error(`RECOVER.md has no commands under ${start}`);
  return found;
}

function edited(steps: ReadonlyMap<string, string[]>, start: string, values: Readonly<Record<string, string>>): string {
  return replaced(section(steps, start).join("\n"), values);
}

/** As a person changes `NAME=…` lines. */
function replaced(block: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((text, [name, value]) => {
    const line = new RegExp(`^${name}=.*$`, "m");
    if (!line.test(text)) throw new Error(`no line ${name}=`);
    return text.replace(line, () => `${name}=${value}`);
  }, block);
}

function settings(place: string, folder: string): Record<string, string> {
  return { FOLDER: folder, KEY: join(place, "private-key.asc"), LOGIN: join(place, "login.cnf") };
}

/** One terminal: everything printed, both streams. */
function byHand(place: string, target: RunningMysql, blocks: readonly string[]): string {
  writeFileSync(join(place, "login.cnf"), `[client]\nuser = root\npassword = "${target.password.replaceAll("\\", "\\\\")}"\nsocket = ${target.socket}\n`, { mode: 0o600 });
  const script = `exec 2>&1\n${blocks.join("\n")}\n[ -z "\${GNUPGHOME:-}" ] || { gpgconf --kill gpg-agent; rm -rf "$GNUPGHOME"; }\n`;
  const ran = spawnSync("/bin/bash", ["--noprofile", "--norc", "-s"], { input: script, encoding: "utf8", env: { NODE_ENV: "test", PATH: join(place, "bin"), HOME: place, LANG: "C.UTF-8" }, cwd: place, timeout: 110_000, maxBuffer: 1 << 26 });
  if (ran.error) throw ran.error;
  return ran.stdout;
}

function makePath(folder: string, flavor: "mysql" | "mariadb"): void {
  const tools = testTools();
  const client = tools.clients[flavor]?.mysql ?? "";
  mkdirSync(folder);
  symlinkSync(tools.gpg, join(folder, "gpg"));
  symlinkSync(tools.gpgconf, join(folder, "gpgconf"));
  symlinkSync(tools.zstd, join(folder, "zstd"));
  symlinkSync(client, join(folder, flavor === "mysql" ? "mysql" : "mariadb"));
  for (const name of PROGRAMS) {
    const found = ["/usr/bin", "/bin", ...(process.env.PATH ?? "").split(delimiter)].map((entry) => join(entry, name)).find((path) => existsSync(path));
    if (!found) throw new Error(`${name} is needed for this test: apt-get install ${name === "python3" ? "python3-minimal" : "coreutils"}`);
    symlinkSync(found, join(folder, name));
  }
}
