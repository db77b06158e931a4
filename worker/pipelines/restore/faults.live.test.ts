import { readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunEvent } from "#lib/contract/events.ts";
import type { RestorePlan } from "#lib/contract/recovery/restore.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { type FaultScene, findingCodes, makeScene } from "#worker/testing/fault-scene.ts";
import { HOSTILE } from "#worker/testing/hostile-settings.ts";
import { childrenOf, until } from "#worker/testing/processes.ts";
import { flipMiddle, type StoredFiles, storedFiles } from "#worker/testing/stored-set.ts";
import { planRestore, runRestore } from "./index.ts";

/** Restores that meet damage or death: nothing half-restored is left on the target, and what was there is as it was. */
describe.each(["mysql", "mariadb"] as const)("restores on %s that go wrong", (flavor) => {
  const client = flavor === "mysql" ? "mysql" : "mariadb";
  let scene: FaultScene;
  let setId = "";
  let files: StoredFiles;

  beforeAll(async () => {
    scene = await makeScene({ flavor, bulk: 4, policy: { parallel: 2 } });
    await scene.sql("SET GLOBAL log_bin_trust_function_creators = 1");
    const backup = await scene.backup();
    expect(backup.fault).toBeUndefined();
    setId = backup.value?.manifest.id ?? "";
    files = storedFiles(scene.live, setId);
  });
  afterEach(async () => {
    files.putBack();
    await scene.sql("DROP DATABASE IF EXISTS shop_copy");
  });
  afterAll(() => scene?.close());

  const beside = { server: "db", scope: { kind: "schemas" as const, schemas: ["shop"] }, target: { kind: "beside" as const, server: "db", names: { shop: "shop_copy" }, leaveOutReferencing: true } };
  const plan = async (): Promise<RestorePlan> => {
    const result = await planRestore(scene.live.host, { ...beside, setId });
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    return result.plan;
  };
  const restore = async (options: { onEvent?: (event: RunEvent) => void; signal?: AbortSignal } = {}) => {
    const planned = await plan();
    return scene.live.run((context) => runRestore(context, scene.live.host, planned), options);
  };
  const largest = (): string => [...files.manifest().artifacts].sort((a, b) => b.sealed.bytes - a.sealed.bytes)[0]?.name ?? "";
  const damage = (copy: "one" | "two"): void => flipMiddle(files.path(copy, largest()));
  const copies = () => scene.value("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ('shop') AND SCHEMA_NAME LIKE 'shop%'");
  const nothingMade = async (): Promise<void> => {
    expect(await copies()).toBe("0");
    expect(await scene.value("SELECT COUNT(*) FROM shop.orders")).toBe("50");
    await until("clients gone", () => childrenOf(process.pid, client).length === 0);
    expect(readdirSync(scene.live.host.folders.spool)).toEqual([]);
  };
  const started = (events: readonly RunEvent[], stage: string): boolean => events.some(({ body }) => body.type === "stage-started" && body.stage === stage);

  const hostWith = (change: Partial<HostRuntime>): HostRuntime => ({ ...scene.live.host, ...change });

  it("a server that nobody made a target, a host without the private key: refused; a target that differs: told", async () => {
    const { settings, config } = scene.live.host;
    const refused = async (change: Partial<HostRuntime>): Promise<string[]> => {
      const result = await planRestore(hostWith(change), { ...beside, setId });
      return result.ok ? [] : result.faults.map(({ code }) => code);
    };
    expect(await refused({ settings: { ...settings, servers: settings.servers.map((server) => ({ ...server, restoreTarget: false })) } })).toEqual(["TARGET_NOT_ALLOWED"]);
    expect(await refused({ config: { ...config, keyring: { home: join(scene.live.folder, "no-keys") } } })).toEqual(["KEY_MISSING"]);
    await scene.sql("SET GLOBAL log_bin_trust_function_creators = 0", "SET GLOBAL sql_mode = 'ANSI_QUOTES'");
    const { warnings } = await plan();
    await scene.sql("SET GLOBAL log_bin_trust_function_creators = 1", "SET GLOBAL sql_mode = DEFAULT");
    expect(warnings.map(({ code }) => code)).toEqual(expect.arrayContaining(["TARGET_REFUSES_FUNCTIONS", "TARGET_DIFFERS", "SET_NOT_PROVEN"]));
    expect(warnings).toContainEqual(expect.objectContaining({ code: "TARGET_DIFFERS", params: expect.objectContaining({ name: "sql_mode", found: "ANSI_QUOTES" }) }));
    await nothingMade();
  });

  it("in place, with no safety copy to be had: refused, nothing is touched", async () => {
    const { settings } = scene.live.host;
    const result = await planRestore(scene.live.host, { ...beside, setId, target: { kind: "in-place", server: "db" } });
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    const gone = { kind: "local" as const, name: "gone", root: "/proc/gone", requireMount: false };
    for (const policies of [[], settings.policies.map((policy) => ({ ...policy, destinations: ["gone"] }))]) {
      const host = hostWith({ settings: { ...settings, policies, destinations: [...settings.destinations, gone] } });
      const run = await scene.live.run((context) => runRestore(context, host, result.plan, "shop"));
      expect(run.fault).toMatchObject({ code: "SAFETY_COPY_FAILED" });
      expect(started(run.events, "load")).toBe(false);
      await nothingMade();
    }
  });

  it("the first copy damaged: the other is taken, and it is told", async () => {
    damage("one");
    const run = await restore();
    expect(run.fault).toBeUndefined();
    expect(findingCodes(run)).toContain("COPY_CORRUPT");
    expect(await scene.value("SELECT COUNT(*) FROM shop_copy.orders")).toBe("50");
    expect(await scene.value("SELECT SUM(amount) FROM shop_copy.orders")).toBe(await scene.value("SELECT SUM(amount) FROM shop.orders"));
  });

  it("the first copy away: the other is taken", async () => {
    const planned = await plan();
    const path = files.path("one", largest());
    renameSync(path, `${path}.away`);
    const run = await scene.live.run((context) => runRestore(context, scene.live.host, planned));
    expect(run.fault).toBeUndefined();
    expect(await scene.value("SELECT COUNT(*) FROM shop_copy.orders")).toBe("50");
  });

  it("every copy damaged: refused before one byte reaches the client", async () => {
    for (const copy of ["one", "two"] as const) damage(copy);
    const run = await restore();
    expect(run.fault).toMatchObject({ code: "NO_SOUND_COPY", params: { message: expect.stringMatching(/^one: COPY_CORRUPT .*; two: COPY_CORRUPT /) } });
    expect(String(run.fault?.params.key)).toContain(largest());
    expect(started(run.events, "load")).toBe(false);
    await nothingMade();
  });

  it("the set changed after the plan: refused", async () => {
    const planned = await plan();
    files.resign((manifest) => {
      manifest.streams += 1;
    });
    const run = await scene.live.run((context) => runRestore(context, scene.live.host, planned));
    expect(run.fault?.code).toBe("PLAN_CHANGED");
    await nothingMade();
  });

  it.each([
    ["the loading client", client],
    ["gpg", "gpg"],
    ["zstd", "zstd"],
  ])("%s killed during the load: what was made is removed again", async (_what, program) => {
    let killed = 0;
    let watching: NodeJS.Timeout | undefined;
    const run = await restore({
      onEvent({ body }) {
        if (body.type !== "stage-started" || body.stage !== "load") return;
        watching = setInterval(() => {
          for (const pid of killed === 0 ? childrenOf(process.pid, program) : []) {
            process.kill(pid, "SIGKILL");
            killed += 1;
          }
        }, 1);
      },
    });
    clearInterval(watching);
    expect(killed).toBeGreaterThan(0);
    expect(run.outcome).toBe("failed");
    expect(["LOAD_FAILED", "UNSEAL_FAILED"]).toContain(run.fault?.code);
    await nothingMade();
  });

  it("the client's connection killed during the load", async () => {
    let killing: Promise<unknown> | undefined;
    const run = await restore({
      onEvent({ body }) {
        if (body.type !== "stage-started" || body.stage !== "load") return;
        killing = until("a client loads", async () => {
          const id = await scene.value("SELECT ID FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND DB = 'shop_copy' LIMIT 1");
          if (id === "undefined") return false;
          return scene.sql(`KILL ${id}`).then(() => true, () => false);
        });
      },
    });
    await killing;
    expect(run.fault?.code).toBe("LOAD_FAILED");
    await nothingMade();
  });

  it.each(["check", "download", "load", "verify"])("cancelled during %s: CANCELLED, nothing is left", async (stage) => {
    const stop = new AbortController();
    const run = await restore({
      signal: stop.signal,
      onEvent({ body }) {
        if (body.type === "stage-started" && body.stage === stage) setImmediate(() => stop.abort());
      },
    });
    expect(run).toMatchObject({ outcome: "cancelled", fault: { code: "CANCELLED" } });
    await nothingMade();
  });

  it("a target whose settings end sessions, keep rows from them and commit nothing: every row all the same", async () => {
    await scene.sql(...HOSTILE[flavor].map((setting) => `SET GLOBAL ${setting}`));
    expect((await restore()).fault).toBeUndefined();
    const rows = (schema: string) => scene.value(`SELECT COUNT(*) FROM ${schema}.orders`);
    expect(await rows("shop_copy")).toBe(await rows("shop"));
  });
});
