// A console with a month of seeded runs and no worker, for looking at pages: `node scripts/screens/console.ts [--port N] [--empty] [--runs N] [--built]`.
import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Secret } from "#lib/platform/secret.ts";
import { openDatabase } from "#lib/store/open-database.ts";
import { migrateDeploy } from "#scripts/prisma/migrate-deploy.ts";
import { buildConsole, startConsole } from "#scripts/demo/console.ts";
import { freePort, temporaryFolder } from "#scripts/services/place.ts";
import { startPostgres } from "#scripts/services/postgres.ts";
import { startRedis } from "#scripts/services/redis.ts";
import { answerAsHost } from "./answering-host.ts";
import { refreshSeed, SEED_PASSWORD, SEED_USERS, seedConsole, seedManyRuns } from "./seed.ts";
import { seedPlans } from "./seed-plans.ts";
import { seedSwaps } from "./seed-swaps.ts";
import { hashPassword } from "#lib/services/user/password.ts";

const { values } = parseArgs({ options: { port: { type: "string" }, empty: { type: "boolean", default: false }, runs: { type: "string", default: "0" }, built: { type: "boolean", default: false } } });
const ROOT = join(import.meta.dirname, "../..");

const folder = temporaryFolder("screens");
const [postgres, redis] = await Promise.all([startPostgres({ dataDir: join(folder, "postgres") }), startRedis({ dataDir: join(folder, "redis") })]);
await migrateDeploy(postgres.url);
const db = openDatabase({ url: new Secret(postgres.url) });
if (values.empty) {
  const passwordHash = await hashPassword(SEED_PASSWORD);
  await db.user.createMany({ data: SEED_USERS.map((user) => ({ ...user, passwordHash })) });
}
const ids = values.empty ? null : await seedAll(Date.now());
if (Number(values.runs) > 0) await seedManyRuns(db, Date.now(), Number(values.runs));
// The seeded worker seems alive as long as this runs.
const beat = setInterval(() => void (ids && refreshSeed(db, Date.now(), ids.running).catch(() => undefined)), 10_000);

// And it answers.
const silence = ids && (await answerAsHost(redis.url, ids));

writeFileSync(join(folder, "database-url"), postgres.url, { mode: 0o600 });
writeFileSync(join(folder, "redis-url"), redis.url, { mode: 0o600 });
const env = { DATABASE_URL_FILE: join(folder, "database-url"), REDIS_URL_FILE: join(folder, "redis-url"), SALVAGENTE_STATE_DIR: join(folder, "state"), NEXT_TELEMETRY_DISABLED: "1" };
const port = Number(values.port ?? (await freePort()));
const { url, child } = values.built ? await built(port) : developed(port);
process.stdout.write(`${JSON.stringify({ url, password: SEED_PASSWORD, users: SEED_USERS.map((user) => user.email), ...ids })}\n`);

const stop = async () => {
  clearInterval(beat);
  await child.stop();
  await silence?.();
  await db.$disconnect();
  await Promise.allSettled([postgres.stop(), redis.stop()]);
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
};
process.on("SIGINT", stop);
process.on("SIGTERM", stop);

async function seedAll(now: number) {
  const ids = await seedConsole(db, now);
  const { snapshotAt } = await db.backupSet.findUniqueOrThrow({ where: { id: ids.done } });
  return { ...ids, plans: await seedPlans(db, { id: ids.done, snapshotAt: snapshotAt.toISOString() }, now), swaps: await seedSwaps(db, now) };
}

interface Child {
  readonly stop: () => Promise<unknown>;
}

/** As in production: the standalone server. */
async function built(port: number): Promise<{ url: string; child: Child }> {
  await buildConsole();
  const child = await startConsole({ ...env, NODE_ENV: "production" }, join(folder, "console.log"), port);
  return { url: child.url, child };
}

/** With hot reload. */
function developed(port: number): { url: string; child: Child } {
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [join(ROOT, "node_modules/next/dist/bin/next"), "dev", "--port", String(port), "--hostname", "127.0.0.1"], { cwd: ROOT, stdio: "inherit", env: { ...process.env, ...env, NEXTAUTH_URL: url } });
  return { url, child: { stop: async () => child.kill("SIGTERM") } };
}
