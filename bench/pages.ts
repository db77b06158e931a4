import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Secret } from "#lib/platform/secret.ts";
import { openDatabase } from "#lib/store/open-database.ts";
import { buildConsole, startConsole } from "#scripts/demo/console.ts";
import { migrateDeploy } from "#scripts/prisma/migrate-deploy.ts";
import { seedConsole } from "#scripts/screens/seed.ts";
import { temporaryFolder } from "#scripts/services/place.ts";
import { startPostgres } from "#scripts/services/postgres.ts";
import { startRedis } from "#scripts/services/redis.ts";
import { type FilledLog, fillConsoleLog } from "./data/console-log.ts";
import { machine, median } from "./report.ts";
import { type ReadPage, signInByHttp } from "./web-session.ts";

/** Times each page is asked for; one more before, not counted. */
const ASKED = 15;

/**
 * What each page of the console takes with `runs` runs in its log: from the request to the last byte of the answer, streamed parts included, in milliseconds.
 * Throws when a page does not answer as it should.
 */
export async function benchPages(runs: number, say: (text: string) => void): Promise<{ table: string; json: Record<string, unknown> }> {
  const folder = temporaryFolder("pages");
  const services = await Promise.all([startPostgres({ dataDir: join(folder, "postgres") }), startRedis({ dataDir: join(folder, "redis") })]);
  const [postgres, redis] = services;
  const db = openDatabase({ url: new Secret(postgres.url) });
  try {
    await migrateDeploy(postgres.url);
    const seeded = await seedConsole(db, Date.now());
    say(`filling the log with ${runs} runs`);
    const filled = await fillConsoleLog(db, runs, Date.now());
    await buildConsole();
    for (const [name, url] of [["database-url", postgres.url], ["redis-url", redis.url]] as const) writeFileSync(join(folder, name), url, { mode: 0o600 });
    const env = { DATABASE_URL_FILE: join(folder, "database-url"), REDIS_URL_FILE: join(folder, "redis-url"), SALVAGENTE_STATE_DIR: join(folder, "state"), NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" };
    const console = await startConsole(env, join(folder, "console.log"));
    try {
      const read = await signInByHttp(console.url, "dba@example.com");
      return report(await measurePages(read, pagesOf(seeded, filled)), runs, filled);
    } finally {
      await console.stop();
    }
  } finally {
    await db.$disconnect();
    await Promise.allSettled(services.map((service) => service.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every page, the lists also as people filter them and far back. */
function pagesOf(seeded: { done: string; running: string }, { longRun }: FilledLog): string[] {
  return [
    "/dashboard",
    "/activity", "/activity?state=problems", "/activity?q=gestionelogistica+verify", "/activity?q=not-there-at-all", "/activity?when=30d&kind=restore", "/activity?page=1500",
    `/activity/${seeded.running}`, `/activity/${longRun}`,
    "/backups", "/backups?page=200", `/backups/${seeded.done}`,
    "/recovery", `/recovery?set=${seeded.done}`, "/emergency",
    "/settings", "/settings/servers", "/settings/policies",
    "/users", "/audit", "/audit?q=not-there-at-all", "/audit?page=150",
  ];
}

interface PageTimes {
  readonly page: string;
  readonly median: number;
  readonly p95: number;
}

async function measurePages(read: ReadPage, pages: readonly string[]): Promise<PageTimes[]> {
  const times = new Map(pages.map((page) => [page, [] as number[]]));
  // Page after page, not all of one: nobody's answer is warmer than another's.
  for (let round = 0; round <= ASKED; round += 1) {
    for (const page of pages) {
      const milliseconds = await read(page);
      if (round > 0) times.get(page)?.push(milliseconds);
    }
  }
  return [...times].map(([page, all]) => ({ page: withoutIds(page), median: rounded(median(all)), p95: rounded([...all].sort((a, b) => a - b)[Math.ceil(all.length * 0.95) - 1] ?? Number.NaN) }));
}

function report(times: readonly PageTimes[], runs: number, filled: FilledLog): { table: string; json: Record<string, unknown> } {
  const worst = Math.max(...times.map((one) => one.median));
  const facts = `${runs} runs, ${filled.events} events, ${filled.sets} sets, ${filled.auditEntries} audit entries; ${machine()}; Node ${process.version}`;
  const lines = times.map((one) => `${one.page.padEnd(44)} ${String(one.median).padStart(8)} ${String(one.p95).padStart(8)}`);
  return {
    table: [facts, `${"milliseconds to the last byte".padEnd(44)} ${"median".padStart(8)} ${"p95".padStart(8)}`, ...lines].join("\n"),
    json: {
      runs, events: filled.events, sets: filled.sets, audit_entries: filled.auditEntries, asked: ASKED, worst_median_ms: worst,
      median_ms: Object.fromEntries(times.map((one) => [one.page, one.median])), p95_ms: Object.fromEntries(times.map((one) => [one.page, one.p95])), machine: machine(), node: process.version,
    },
  };
}

/** The running one is told from the long one by the order of the pages alone otherwise. */
function withoutIds(page: string): string {
  return page.replace(/\d{8}T\d{6}Z-([0-9a-f]{6,8})/, "<$1>");
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
