import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConsoleEnvironment } from "#lib/platform/env.ts";
import { acceptPairing } from "#lib/services/host/accept-pairing.ts";
import { listPending } from "#lib/services/host/list-pending.ts";
import { openServices, type Services } from "#lib/services/open-services.ts";
import { runBackup } from "#lib/services/run/run-backup.ts";
import { saveDestination } from "#lib/services/settings/save-destination.ts";
import { saveKey } from "#lib/services/settings/save-key.ts";
import { savePolicy } from "#lib/services/settings/save-policy.ts";
import { saveServer } from "#lib/services/settings/save-server.ts";
import { type FreshDatabase, freshDatabase } from "#lib/store/testing/fresh-database.ts";
import { type DemoChild, startChild } from "#scripts/demo/child.ts";
import { DEMO_ACTOR } from "#scripts/demo/settle.ts";
import { temporaryFolder } from "#scripts/services/place.ts";
import { type RunningPostgres, startPostgres } from "#scripts/services/postgres.ts";
import { type RunningRedis, startRedis } from "#scripts/services/redis.ts";
import { readJournal } from "#worker/host/journal.ts";
import { writeWorkerYaml } from "#worker/testing/command-line.ts";
import { type FaultScene, makeScene } from "#worker/testing/fault-scene.ts";
import { until } from "#worker/testing/processes.ts";

/** Real worker and controller; Redis or PostgreSQL goes away in mid-run and comes back: the run ends, its record is whole, once. */
describe("services restarted in mid-run", () => {
  let folder: string;
  let scene: FaultScene;
  let redis: RunningRedis;
  let postgres: RunningPostgres;
  let fresh: FreshDatabase;
  let services: Services;
  const children: DemoChild[] = [];

  beforeAll(async () => {
    folder = temporaryFolder("restarts");
    [scene, redis, postgres] = await Promise.all([makeScene({ bulk: 6, policy: { restoreTest: false, parallel: 2 } }), startRedis({ dataDir: join(folder, "redis") }), startPostgres({ dataDir: join(folder, "pg") })]);
    fresh = await freshDatabase(postgres.url);
    const secret = join(folder, "redis-url");
    writeFileSync(secret, redis.url, { mode: 0o600 });
    const yaml = writeWorkerYaml(scene.live, { queue: { url: { file: secret } } });
    const env = { DATABASE_URL: fresh.url, REDIS_URL: redis.url, SALVAGENTE_STATE_DIR: join(folder, "console"), LOG_LEVEL: "info" };
    services = await openServices(readConsoleEnvironment(env as unknown as NodeJS.ProcessEnv));
    const code = Promise.withResolvers<string>();
    const start = (name: string, args: string[], given: Record<string, string>, onLine?: (line: string) => void) =>
      children.push(startChild({ name, args: ["--disable-warning=ExperimentalWarning", ...args], env: given, logFile: join(folder, `${name}.log`), ...(onLine ? { onLine } : {}) }));
    start("controller", ["controller/main.ts"], env);
    start("worker", ["worker/main.ts", "--config", yaml], {}, (line) => {
      const found = /^ {2}code\s+(\S+)/.exec(line)?.[1];
      if (found) code.resolve(found);
    });
    const context = services.as(DEMO_ACTOR);
    const host = scene.live.host.config.host;
    const shown = await code.promise;
    let fingerprint = "";
    await until("the worker asks to be paired", async () => {
      fingerprint = (await listPending(context)).find((hello) => hello.host === host)?.fingerprint ?? "";
      return fingerprint !== "";
    }, 30_000);
    await acceptPairing(context, { host, fingerprint, code: shown });
    await until("the worker is paired", () => existsSync(join(scene.live.host.folders.state, "console.json")), 30_000);
    const { servers, keys, destinations, policies } = scene.live.host.config;
    for (const config of servers) await saveServer(context, { host, config });
    for (const config of keys) await saveKey(context, { host, config });
    for (const config of destinations) await saveDestination(context, { host, config });
    for (const config of policies) await savePolicy(context, { config });
  });
  afterAll(async () => {
    await Promise.allSettled(children.map((child) => child.stop()));
    await services?.close();
    await fresh?.db.$disconnect();
    await Promise.allSettled([redis?.stop(), postgres?.stop(), scene?.close()]);
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const backupMeanwhile = async (restart: () => Promise<void>): Promise<void> => {
    const { runId } = await runBackup(services.as(DEMO_ACTOR), { policy: "all", trigger: "manual" });
    const journal = join(scene.live.host.folders.journals, `${runId}.jsonl`);
    await expect.poll(() => existsSync(journal) && readFileSync(journal, "utf8").includes('"dump"'), { timeout: 30_000, interval: 10 }).toBe(true);
    await restart();
    await expect.poll(() => services.db.run.findUnique({ where: { id: runId } }).then((run) => run?.state, () => "away"), { timeout: 60_000, interval: 300 }).toBe("completed");
    // The console drops a run's progress once it has ended.
    const events = readJournal(journal).filter(({ body }) => body.type !== "progress");
    await expect.poll(() => services.db.runEvent.count({ where: { runId } }), { timeout: 30_000 }).toBe(events.length);
    const rows = await services.db.runEvent.findMany({ where: { runId }, orderBy: { seq: "asc" } });
    expect(rows.map(({ seq }) => seq)).toEqual(events.map(({ seq }) => seq));
    expect(events.filter(({ body }) => body.type === "run-started").length).toBe(1);
    expect(await services.db.backupSet.count({ where: { id: runId } })).toBe(1);
  };

  it("Redis away and back", async () => {
    await backupMeanwhile(async () => {
      const { port, password } = redis;
      await redis.stop();
      await sleep(2500);
      redis = await startRedis({ dataDir: join(folder, "redis"), port, password });
    });
  });

  it("PostgreSQL away and back", async () => {
    await backupMeanwhile(async () => {
      const { port, password } = postgres;
      await postgres.stop();
      await sleep(2500);
      postgres = await startPostgres({ dataDir: join(folder, "pg"), port, password });
    });
  });
});
