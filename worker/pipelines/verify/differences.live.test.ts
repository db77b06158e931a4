import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunEvent } from "#lib/contract/events.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import { loadableArtifacts } from "#worker/pipelines/catalog/loadable-artifacts.ts";
import { readSetAnywhere } from "#worker/pipelines/catalog/read-set.ts";
import { seal } from "#worker/streams/seal.ts";
import { commandLine } from "#worker/testing/command-line.ts";
import { type FaultScene, makeScene } from "#worker/testing/fault-scene.ts";
import { childrenOf, until } from "#worker/testing/processes.ts";
import { type StoredFiles, storedFiles } from "#worker/testing/stored-set.ts";

/** Sets that hold less, or other, than was recorded: refused, each difference named, and nothing else. */
describe.each(["mysql", "mariadb"] as const)("a set of %s that is not what was recorded", (flavor) => {
  let scene: FaultScene;
  let setId = "";
  let files: StoredFiles;

  beforeAll(async () => {
    scene = await makeScene({ flavor, policy: { parallel: 2 } });
    await scene.sql("CREATE USER reader@localhost IDENTIFIED BY 'x'", "GRANT SELECT ON shop.* TO reader@localhost");
    const backup = await scene.backup();
    expect(backup.fault).toBeUndefined();
    setId = backup.value?.manifest.id ?? "";
    files = storedFiles(scene.live, setId);
  });
  afterEach(() => files.putBack());
  afterAll(() => scene?.close());

  const isolatedServers = (): number[] => childrenOf(process.pid, flavor === "mysql" ? "mysqld" : "mariadbd").filter((pid) => pid !== scene.server.pid);
  const nothingIsolated = () => until("isolated server gone", () => isolatedServers().length === 0 && readdirSync(scene.live.host.folders.sandbox).every((name) => !name.startsWith("run-")));

  it("recorded values that the data do not have: each is named", async () => {
    const zeros = "0".repeat(64);
    files.resign(({ inventory }) => {
      const shop = inventory.schemas.find(({ name }) => name === "shop");
      if (!shop) throw new Error("no schema");
      for (const table of shop.tables) {
        if (table.name === "customers") table.rows += 1;
        if (table.name === "orders" && table.stream) table.stream = { ...table.stream, sha256: zeros };
        if (table.name === "bulk") table.structure = zeros;
      }
      const [view, , trigger] = [shop.views[0], null, shop.triggers[0]];
      if (view) view.definition = zeros;
      if (trigger) shop.triggers.push({ ...trigger, name: "one_more" });
      const account = inventory.accounts.find(({ name }) => name.startsWith("reader"));
      if (account) account.definition = zeros;
    });
    const run = await scene.verify(setId);
    expect(run.fault?.code).toBe("VERIFICATION_FAILED");
    const test = files.verification().restoreTest;
    expect(test?.verdict).toBe("refused");
    expect(test?.differences.map(({ kind, object }) => `${kind} ${object}`).sort()).toEqual([
      "definition account reader@localhost",
      "definition shop.spending",
      "missing shop.one_more",
      "rows shop.customers",
      "stream shop.orders",
      "structure shop.bulk",
    ]);
    expect(files.verification("two").level).toBe("refused");
    await nothingIsolated();
  });

  it("a row lost, a value changed, objects left out of the artifacts: refused with all of them, exit code 3", async () => {
    const folder = join(scene.live.folder, "rebuilt");
    mkdirSync(folder, { recursive: true });
    const destinations = openDestinations(scene.live.host, ["one"]);
    const set = await readSetAnywhere(scene.live.host, destinations, "db", setId);
    const { tools, folders, config } = scene.live.host;
    const [key] = config.keys;
    const recipient = readdirSync(folders.state).find((name) => name.startsWith("key-") && name.endsWith(".asc"));
    expect(key && recipient).toBeTruthy();
    const rebuilt = new Map<string, { plain: { bytes: number; sha256: string }; sealed: { bytes: number; sha256: string; md5: string } }>();
    for (const artifact of await loadableArtifacts(scene.live.host, set, new AbortController().signal)) {
      if (!artifact.tables?.some((table) => table === "customers" || table === "orders")) continue;
      const chunks: Buffer[] = [];
      for await (const chunk of await artifact.open()) chunks.push(chunk as Buffer);
      const sql = Buffer.concat(chunks).toString("utf8");
      // The last customer has no order that would miss him; one amount becomes another.
      const changed: string = sql.replace(/,\s*\(50,'[^']*'\)/, "").replace(/,\s*\(50,50,[^)]*\)/, "").replace(/\(7,7,10\.50\)/, "(7,7,10.51)");
      expect(changed).not.toBe(sql);
      const writer = seal({ compression: "zstd", level: 1, recipients: [join(folders.state, recipient ?? "")], tools, tempDir: folders.temp }, join(folder, artifact.name));
      await writer.write(Buffer.from(changed));
      const sealed = await writer.end();
      for (const copy of ["one", "two"] as const) copyFileSync(sealed.path, files.path(copy, artifact.name));
      rebuilt.set(artifact.name, { plain: { bytes: sealed.plainBytes, sha256: createHash("sha256").update(changed).digest("hex") }, sealed: { bytes: sealed.sealedBytes, sha256: sealed.sealedSha256, md5: sealed.sealedMd5 } });
    }
    expect(rebuilt.size).toBeGreaterThan(0);
    files.resign((manifest) => {
      const left = manifest.artifacts.filter(({ role }) => !["triggers", "events", "routines", "accounts", "views"].includes(role));
      manifest.artifacts = left.map((artifact) => ({ ...artifact, ...rebuilt.get(artifact.name) }));
    });
    const end = await commandLine(scene.live)("verify", "db", setId).end;
    expect(end.code).toBe(3);
    expect(JSON.parse(end.stdout)).toMatchObject({ ok: false, outcome: "failed", fault: { code: "VERIFICATION_FAILED" } });
    const named = (files.verification().restoreTest?.differences ?? []).map(({ kind, object }) => `${kind} ${object}`);
    for (const expected of ["rows shop.customers", "stream shop.customers", "stream shop.orders", "missing shop.rounded", "missing shop.spending", "missing shop.twice", "missing shop.idle", "missing shop.yearly", "missing account reader@localhost"]) expect(named).toContain(expected);
    expect(named.some((text) => text.includes("shop.bulk"))).toBe(false);
    expect(files.verification().level).toBe("refused");
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ["the isolated server", "load", () => isolatedServers(), ["SANDBOX_FAILED"]],
    ["the loading client", "load", () => childrenOf(process.pid, flavor === "mysql" ? "mysql" : "mariadb"), ["LOAD_FAILED"]],
    ["the dump program", "compare", () => childrenOf(process.pid, flavor === "mysql" ? "mysqldump" : "mariadb-dump"), ["DUMP_FAILED", "DUMP_TRUNCATED"]],
  ])("%s killed during %s: a fault, the earlier verdict stays, nothing is left", async (_what, stage, victims, codes) => {
    let before = files.verification();
    let killed = 0;
    let watching: NodeJS.Timeout | undefined;
    const onEvent = ({ body }: RunEvent): void => {
      if (body.type !== "stage-started" || body.stage !== stage) return;
      watching = setInterval(() => {
        for (const pid of killed === 0 ? victims() : []) {
          process.kill(pid, "SIGKILL");
          killed += 1;
        }
      }, 1);
    };
    let run = await scene.verify(setId, "proven", { onEvent });
    clearInterval(watching);
    // A program that came and went between two looks, or was ending anyway when it was killed: then nothing was tried yet.
    for (let attempt = 0; run.outcome === "completed" && attempt < 8; attempt += 1) {
      killed = 0;
      before = files.verification();
      run = await scene.verify(setId, "proven", { onEvent });
      clearInterval(watching);
    }
    expect(killed).toBeGreaterThan(0);
    expect(run.outcome).toBe("failed");
    expect(codes).toContain(run.fault?.code);
    expect(files.verification()).toEqual(before);
    await nothingIsolated();
  });

  it.each(["read", "sandbox", "load", "compare"])("cancelled during %s: CANCELLED, nothing is left, no verdict", async (stage) => {
    const before = files.verification();
    const stop = new AbortController();
    const onEvent = ({ body }: RunEvent): void => {
      if (body.type === "stage-started" && body.stage === stage) setImmediate(() => stop.abort());
    };
    const run = await scene.verify(setId, "proven", { onEvent, signal: stop.signal });
    expect(run).toMatchObject({ outcome: "cancelled", fault: { code: "CANCELLED" } });
    expect(files.verification()).toEqual(before);
    await nothingIsolated();
  });
});
