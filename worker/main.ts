import { parseArgs } from "node:util";
import type { Redis } from "ioredis";
import { asFault } from "#lib/domain/fault/fault.ts";
import { createLog } from "#lib/platform/log.ts";
import type { Secret } from "#lib/platform/secret.ts";
import { consumerConnection } from "#lib/queue/redis-connection.ts";
import { composeHost } from "./compose.ts";
import { ActiveRuns } from "./host/active-runs.ts";
import { EventShipper } from "./host/event-shipper.ts";
import { startHeartbeat } from "./host/heartbeat.ts";
import { listenForJobs } from "./host/job-listener.ts";
import { packageVersion } from "./host/package-version.ts";
import { pairedConsole, pairHost } from "./host/pair.ts";
import { hostKeyring } from "./host/recipients.ts";
import { openSecret } from "./host/secrets.ts";
import { tidyAfterDeadRuns } from "./host/tidy.ts";
import { archiveAll } from "./pipelines/archive/index.ts";
import { RecoveryReports } from "./pipelines/restore/instant/recovery-reports.ts";
import type { JobBench } from "./processors/job-bench.ts";
import { processJob } from "./processors/process-job.ts";
import { recoverReplacements } from "./schedules/recover-replacements.ts";
import { recoverSwaps } from "./schedules/recover-swaps.ts";
import { watchSchedules } from "./schedules/watch-schedules.ts";

const FLUSH_EVERY_MS = 2000;

const { values } = parseArgs({ options: { config: { type: "string", short: "c", default: process.env.SALVAGENTE_CONFIG ?? "/etc/salvagente/worker.yaml" } } });
const log = createLog({ name: "worker" });

try {
  await serve(values.config);
} catch (error) {
  log.fatal({ err: error }, asFault(error).message);
  process.exitCode = 1;
}

/** The worker's life: tidy up after an earlier one, pair, take jobs, and on SIGTERM or SIGINT cancel what runs and leave nothing behind. */
async function serve(configPath: string): Promise<void> {
  const host = await composeHost(configPath, log);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      log.info({ signal }, "stopping");
      stop.abort(new Error("worker stops"));
    });
  }
  const left = await tidyAfterDeadRuns(host.folders, host.clock.now());
  if (left.length > 0) log.warn({ left }, "leftovers of an earlier worker were cleared away");
  // Before anything that may wait for the console: the archive needs neither it nor Redis.
  const archiving = archiveAll(host, stop.signal);
  const url = host.config.queue ? await openSecret(host.config.queue.url, host.identity) : null;
  const redis = url && consumerConnection(url);
  const shipper = redis && new EventShipper({ redis, folder: host.folders.journals, key: host.identity.signing, log });
  const runs = new ActiveRuns(host, (event) => shipper?.offer(event));
  const lost = runs.markLost();
  if (lost.length > 0) log.warn({ runs: lost }, "runs of an earlier worker were interrupted");
  // Before anything else takes up work on its server.
  const recovering = Promise.all([recoverSwaps({ host, runs }, stop.signal), recoverReplacements({ host, runs })]);
  const drained = aborted(stop.signal).then(() => runs.drain());
  // Schedules need them as little.
  const firing = watchSchedules({ host, runs }, stop.signal);
  if (url && redis && shipper) await serveConsole({ host, runs }, { url, redis, shipper }, stop.signal);
  else log.info({ host: host.config.host }, "no queue in worker.yaml: only schedules and archives");
  await drained;
  await recovering;
  await firing;
  if (shipper) await Promise.race([shipper.flush(), new Promise((resolve) => setTimeout(resolve, 3000))]);
  redis?.disconnect();
  await archiving;
  await (await hostKeyring(host)).stopAgent();
}

/** Ships what happens, pairs, takes jobs, until the signal. */
async function serveConsole({ host, runs }: JobBench, link: { url: Secret; redis: Redis; shipper: EventShipper }, stop: AbortSignal): Promise<void> {
  const { url, redis, shipper } = link;
  const flushing = setInterval(() => void shipper.flush(), FLUSH_EVERY_MS);
  redis.on("ready", () => void shipper.flush());
  const stopped = aborted(stop);
  const consoleKey = pairedConsole(host.config.stateDir) ?? (await Promise.race([pairHost(host, redis, showCode, stop), stopped.then(() => null)]));
  if (consoleKey) {
    const recovery = new RecoveryReports(host);
    const watching = recovery.watch(stop);
    const stopHeartbeat = startHeartbeat(host, runs, redis, { version: packageVersion(), recovery: () => recovery.all() });
    const listener = listenForJobs({ redis: () => consumerConnection(url), host: host.config.host, consoleKey, stateDir: host.config.stateDir, clock: host.clock, log, work: (name, payload) => processJob({ host, runs }, name, payload) });
    log.info({ host: host.config.host }, "worker takes jobs");
    await stopped;
    stopHeartbeat();
    await listener.close();
    await watching;
  }
  clearInterval(flushing);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** The code belongs on the host's own terminal or journal, where only its administrators read. */
function showCode(code: string, fingerprint: string): void {
  process.stdout.write(`\nThis worker waits to be accepted in the console (Settings > Hosts).\n  code         ${code}\n  fingerprint  ${fingerprint}\n\n`);
}
