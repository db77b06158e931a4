import { faultRecord } from "#lib/domain/fault/fault.ts";
import { SourceLogs } from "#worker/engines/binlog/source-logs.ts";
import { Heartbeat } from "#worker/engines/heartbeat/heartbeat.ts";
import { heartbeatSchema } from "#worker/host/runtime.ts";
import { pause, type ServerArchive } from "./server-archive.ts";

/** Between two beats, ms. */
const BEAT_MS = 10_000;

/** Writes a heartbeat every ten seconds until the signal. One that cannot be written is told in the status and changes nothing else. */
export async function heartbeatLoop(archive: ServerArchive): Promise<void> {
  const { host, server, access, signal, now } = archive;
  const schema = heartbeatSchema(host);
  // Its end would end the archive.
  if (schema === null) return untilAborted(signal);
  const heartbeat = new Heartbeat(access, schema, host.config.host);
  let fits: boolean | undefined;
  while (!signal.aborted) {
    try {
      fits ??= await isReplayable(archive);
      if (!fits) {
        host.log.info({ server }, "no heartbeats: a policy of this MariaDB server names its schemas, and a replay would not find theirs");
        return await untilAborted(signal);
      }
      await heartbeat.beat();
      now.heartbeatTrouble = null;
    } catch (error) {
      const fault = faultRecord(error);
      if (now.heartbeatTrouble?.code !== fault.code) host.log.warn({ server, fault: fault.code, params: fault.params, detail: fault.detail }, "heartbeat not written");
      now.heartbeatTrouble = fault;
    }
    await pause(signal, BEAT_MS);
  }
  heartbeat.close();
}

/** A replay on MariaDB repeats everything, so its full must hold the schema of the heartbeats; one of named schemas does not. MySQL's applier passes over what the full does not hold. */
async function isReplayable({ host, server, access }: ServerArchive): Promise<boolean> {
  if (host.settings.policies.every((policy) => policy.server !== server || !policy.schemas)) return true;
  const source = new SourceLogs(access);
  try {
    return (await source.identity()).flavor === "mysql";
  } finally {
    source.close();
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
