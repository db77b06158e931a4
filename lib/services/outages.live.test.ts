import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPostgres, type RunningPostgres } from "#scripts/services/postgres.ts";
import { startRedis, type RunningRedis } from "#scripts/services/redis.ts";
import { temporaryFolder } from "#scripts/services/place.ts";
import { loadConsoleKey } from "#lib/queue/console-key.ts";
import { runBackup } from "./run/run-backup.ts";
import { listRuns } from "./run/list-runs.ts";
import { saveDestination } from "./settings/save-destination.ts";
import { readDashboard } from "./status/read-dashboard.ts";
import { furnish, openTestConsole, pairTestHost, type TestConsole } from "./testing/console.ts";

/** Servers of its own: they are stopped and started again. */
let folder: string;
let postgres: RunningPostgres;
let redisServer: RunningRedis;
let console_: TestConsole;

beforeAll(async () => {
  folder = temporaryFolder("outages");
  [postgres, redisServer] = await Promise.all([startPostgres({ dataDir: join(folder, "pg") }), startRedis({ dataDir: join(folder, "redis") })]);
  console_ = await openTestConsole({ postgres, redis: redisServer }, 1);
  console_.redis.on("error", () => undefined);
  await pairTestHost(console_, "db-host-1");
  await furnish(console_, "db-host-1", "gestionelogistica", "production");
});
afterAll(async () => {
  await console_?.close().catch(() => undefined);
  await Promise.allSettled([postgres?.stop(), redisServer?.stop()]);
  if (folder) await rm(folder, { recursive: true, force: true });
});

test("without Redis: orders fail within seconds and leave no row; settings are kept; pages work; all is well when it is back", async () => {
  const { port, password } = redisServer;
  await redisServer.stop();
  const began = Date.now();
  await expect(runBackup(console_.as("dba"), { policy: "gestionelogistica-daily" })).rejects.toMatchObject({ code: "QUEUE_UNREACHABLE", retryable: true });
  expect(Date.now() - began).toBeLessThan(20_000);
  expect((await listRuns(console_.as("dba"), {})).total).toBe(0);
  const saved = await saveDestination(console_.as("dba"), { host: "db-host-1", config: { kind: "local", name: "kept", root: "/srv/kept" } });
  expect(saved).toMatchObject({ sent: false, fault: { code: "QUEUE_UNREACHABLE" } });
  expect(await console_.services.db.destination.count({ where: { name: "kept" } })).toBe(1);
  const board = await readDashboard(console_.as("dba"));
  expect(board.services.find((service) => service.kind === "redis")).toMatchObject({ state: "down" });
  redisServer = await startRedis({ dataDir: join(folder, "redis"), port, password });
  await expect.poll(() => runBackup(console_.as("dba"), { policy: "gestionelogistica-daily" }).then(() => "sent", () => "failed"), { timeout: 15_000 }).toBe("sent");
}, 90_000);

test("without PostgreSQL: a clear fault; all is well when it is back", async () => {
  const { port, password } = postgres;
  await postgres.stop();
  await expect(listRuns(console_.as("dba"), {})).rejects.toMatchObject({ code: "CATALOG_UNREACHABLE", retryable: true });
  await expect(saveDestination(console_.as("dba"), { host: "db-host-1", config: { kind: "local", name: "lost", root: "/srv/lost" } })).rejects.toMatchObject({ code: "CATALOG_UNREACHABLE" });
  postgres = await startPostgres({ dataDir: join(folder, "pg"), port, password });
  await expect.poll(() => listRuns(console_.as("dba"), {}).then((page) => page.total, () => -1), { timeout: 15_000 }).toBe(1);
}, 90_000);

test("the console's key is made once, even by many at once, and only its owner may read it", async () => {
  const dir = join(folder, "keys");
  const keys = await Promise.all(Array.from({ length: 8 }, () => loadConsoleKey(dir)));
  expect(new Set(keys.map((key) => key.publicKey)).size).toBe(1);
  const { mode } = await stat(join(dir, "console-key.pem"));
  expect(mode & 0o777).toBe(0o600);
  const { chmod } = await import("node:fs/promises");
  await chmod(join(dir, "console-key.pem"), 0o640);
  await expect(loadConsoleKey(dir)).rejects.toMatchObject({ code: "STATE_INSECURE" });
});
