import { rmSync } from "node:fs";
import { join } from "node:path";
import { Secret } from "#lib/platform/secret.ts";
import { startMysql } from "#scripts/services/mysql.ts";
import { temporaryFolder } from "#scripts/services/place.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import { readStatus } from "#worker/pipelines/archive/write-status.ts";
import { commandLine, type RunningCommand } from "#worker/testing/command-line.ts";
import { type LiveHost, makeLiveHost } from "#worker/testing/live-host.ts";
import { until } from "#worker/testing/processes.ts";
import { median } from "../report.ts";
import { benchDangers } from "./dangers.ts";
import { LagWatch, lags, quantile } from "./lag.ts";
import { commitSmall } from "./small-load.ts";

const SESSIONS = 8;
/** With and without the stream in turn, so many times each, seconds each. */
const PAIRS = 5;
const PAIR_SECONDS = 10;
const SETTLE_SECONDS = 2;
const PATIENCE_MS = 180_000;

/**
 * The archive of a server that commits small transactions as fast as it can with default durability: how much slower the server is with the stream than without,
 * in turn in one run; for `seconds`, how long each commit takes to forced bytes on this host, and to a destination; and how long it takes to find what was destroyed in all that.
 */
export async function benchArchive(seconds: number, say: (text: string) => void): Promise<Record<string, number>> {
  const folder = temporaryFolder("bench");
  const dataDir = join(folder, "data");
  const server = await startMysql({ flavor: "mysql", dataDir, options: ["--server-id=4711"] });
  const access: ServerAccess = { name: "db", socket: server.socket, user: server.user, password: new Secret(server.password) };
  const live = await makeLiveHost({ server, policy: { archive: true } });
  const command = commandLine(live);
  let worker: RunningCommand | undefined;
  const stop = async (): Promise<void> => {
    worker?.child.kill("SIGTERM");
    await worker?.end;
    worker = undefined;
  };
  try {
    await commitSmall(access, SESSIONS, SETTLE_SECONDS);
    const ratios: number[] = [];
    for (let pair = 1; pair <= PAIRS; pair += 1) {
      // A new file each time: what the stream must catch up with first is little.
      await rotate(access);
      const first = pair % 2 === 1;
      const measure = async (streamed: boolean): Promise<number> => {
        if (streamed) {
          worker = command("archive", "run");
          await untilHere(live, access);
        } else await stop();
        await commitSmall(access, SESSIONS, SETTLE_SECONDS);
        return commitSmall(access, SESSIONS, PAIR_SECONDS);
      };
      // Which comes first changes: what grows over time touches both alike.
      const [one, other] = [await measure(first), await measure(!first)];
      await stop();
      const [streamed, plain] = first ? [one, other] : [other, one];
      ratios.push(plain / streamed);
      say(`pair ${pair}: ${plain.toFixed(0)} a second without the stream, ${streamed.toFixed(0)} with it`);
    }
    await rotate(access);
    worker = command("archive", "run");
    await untilHere(live, access);
    const watch = new LagWatch(live);
    const from = Date.now();
    const rate = await commitSmall(access, SESSIONS, seconds);
    const to = Date.now();
    await untilStored(live, access);
    watch.stop();
    const local = await lags(dataDir, watch.local, from, to);
    const offsite = await lags(dataDir, watch.offsite, from, to);
    await stop();
    await dropSomething(access);
    const { code, stderr } = await command("backup", "incremental", "--server", "db").end;
    if (code !== 0) throw new Error(`incremental ended with ${code}: ${stderr.slice(-2000)}`);
    const dangers = await benchDangers(live, say);
    say(`${local.length} transactions, ${rate.toFixed(0)} a second for ${seconds} s`);
    return {
      archive_lag_ms_p50: Math.round(quantile(local, 0.5)), archive_lag_ms_p99: Math.round(quantile(local, 0.99)), archive_lag_ms_max: Math.round(local.at(-1) ?? Number.NaN),
      offsite_lag_ms_p50: Math.round(quantile(offsite, 0.5)), offsite_lag_ms_max: Math.round(offsite.at(-1) ?? Number.NaN),
      archive_overhead: Math.round(median(ratios) * 1000) / 1000, archive_transactions_per_second: Math.round(rate), archive_seconds: seconds,
      ...dangers,
    };
  } finally {
    await stop();
    await live.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function rotate(access: ServerAccess): Promise<void> {
  const connection = await connect(access);
  await connection.query("FLUSH BINARY LOGS");
  connection.destroy();
}

/** What a search for damage is to find. */
async function dropSomething(access: ServerAccess): Promise<void> {
  const connection = await connect(access);
  await connection.query("CREATE TABLE bench_load.gone (id INT)");
  await connection.query("DROP TABLE bench_load.gone");
  connection.destroy();
}

async function place(access: ServerAccess): Promise<{ File: string; Position: number }> {
  const connection = await connect(access);
  const [[row]] = (await connection.query("SHOW BINARY LOG STATUS")) as unknown as [[{ File: string; Position: number }]];
  connection.destroy();
  return row;
}

/** Waits until the stream has caught up with the server at rest. */
async function untilHere(live: LiveHost, access: ServerAccess): Promise<void> {
  const { File, Position } = await place(access);
  const began = Date.now();
  await until("the stream has caught up", () => {
    const status = readStatus(live.host, "db");
    return status?.state === "streaming" && Date.parse(status.at) > began && status.local?.file === File && status.local.position >= Position;
  }, PATIENCE_MS);
}

async function untilStored(live: LiveHost, access: ServerAccess): Promise<void> {
  const { File, Position } = await place(access);
  await until("everything is at the destination", () => {
    const reaches = readStatus(live.host, "db")?.copies.find(({ destination }) => destination === "one")?.reaches;
    return reaches?.file === File && reaches.position >= Position;
  }, PATIENCE_MS);
}
