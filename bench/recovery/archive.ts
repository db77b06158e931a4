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
import { benchDangers } from "./dangers.ts";
import { LagWatch, lags, quantile } from "./lag.ts";
import { benchOverhead } from "./overhead.ts";
import { commitSmall } from "./small-load.ts";

const SESSIONS = 8;
const PATIENCE_MS = 180_000;

/**
 * The archive of a server that commits small transactions with default durability, `rate` a second or as fast as it can: how much slower the server is with the stream than without;
 * for `seconds`, how long each commit takes to forced bytes on this host, and to a destination; and how long it takes to find what was destroyed in all that.
 */
export async function benchArchive({ seconds, rate }: { readonly seconds: number; readonly rate: number | undefined }, say: (text: string) => void): Promise<Record<string, number>> {
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
    const overhead = await benchOverhead({
      access, serverPid: server.pid, sessions: SESSIONS, rate, stop,
      rotate: () => rotate(access),
      async start() {
        worker = command("archive", "run");
        await untilHere(live, access);
        return worker.pid;
      },
    }, say);
    await rotate(access);
    worker = command("archive", "run");
    await untilHere(live, access);
    const watch = new LagWatch(live);
    const from = Date.now();
    const { perSecond } = await commitSmall(access, { sessions: SESSIONS, seconds, rate });
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
    say(`${local.length} transactions, ${perSecond.toFixed(0)} a second for ${seconds} s`);
    return {
      archive_lag_ms_p50: Math.round(quantile(local, 0.5)), archive_lag_ms_p99: Math.round(quantile(local, 0.99)), archive_lag_ms_max: Math.round(local.at(-1) ?? Number.NaN),
      offsite_lag_ms_p50: Math.round(quantile(offsite, 0.5)), offsite_lag_ms_max: Math.round(offsite.at(-1) ?? Number.NaN),
      ...overhead, archive_transactions_per_second: Math.round(perSecond), archive_seconds: seconds,
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
