import { statfs } from "node:fs/promises";
import type { Redis } from "ioredis";
import type { RecoveryReport } from "#lib/contract/archive/window.ts";
import { CHANNELS, type Heartbeat } from "#lib/contract/pairing.ts";
import { asFault } from "#lib/domain/fault/fault.ts";
import { signHeartbeat } from "#lib/platform/signing.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { accessOf } from "./access.ts";
import type { ActiveRuns } from "./active-runs.ts";
import { readDesiredState } from "./desired-state.ts";
import type { HostRuntime } from "./runtime.ts";

const EVERY_MS = 10_000;
const EXPIRES_SECONDS = 60;
const CONNECT_MS = 4000;

/** Sends a sign of life every 10 s until stopped, with what the host sees: room in the spool, each server's answer, the run at work, how far back each can be brought. */
export function startHeartbeat(host: HostRuntime, runs: ActiveRuns, redis: Redis, told: { readonly version: string; readonly recovery: () => RecoveryReport[] }): () => void {
  let busy = false;
  const beat = async (): Promise<void> => {
    if (busy || redis.status !== "ready") return;
    busy = true;
    try {
      const heartbeat = { ...(await observe(host, runs, told.version)), recovery: told.recovery() } satisfies Heartbeat;
      await redis.set(CHANNELS.heartbeat + host.config.host, JSON.stringify(signHeartbeat(host.identity.signing, heartbeat)), "EX", EXPIRES_SECONDS);
    } catch (error) {
      host.log.debug({ err: error }, "heartbeat not sent");
    } finally {
      busy = false;
    }
  };
  const timer = setInterval(() => void beat(), EVERY_MS);
  void beat();
  return () => clearInterval(timer);
}

async function observe(host: HostRuntime, runs: ActiveRuns, version: string): Promise<Omit<Heartbeat, "recovery">> {
  const servers = await Promise.all(host.settings.servers.map((server) => greet(host, server.name)));
  const { bavail, blocks, bsize } = await statfs(host.folders.spool);
  return {
    v: 1,
    host: host.config.host,
    at: new Date(host.clock.now()).toISOString(),
    version,
    revision: readDesiredState(host.config.stateDir).revision,
    activeRun: runs.current,
    runs: runs.all.map(({ runId, waits }) => ({ id: runId, waits })),
    spool: { totalBytes: blocks * bsize, freeBytes: bavail * bsize },
    servers,
  };
}

async function greet(host: HostRuntime, name: string): Promise<Heartbeat["servers"][number]> {
  try {
    const config = host.settings.servers.find((server) => server.name === name);
    if (!config) return { name, ok: false };
    const connection = await connect(await accessOf(config, host.identity), { timeoutMs: CONNECT_MS });
    const [rows] = await connection.query("SELECT VERSION() AS version");
    connection.destroy();
    return { name, ok: true, version: String((rows as { version: string }[])[0]?.version) };
  } catch (error) {
    return { name, ok: false, problem: asFault(error).message };
  }
}
