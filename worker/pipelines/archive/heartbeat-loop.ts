import { faultRecord } from "#lib/domain/fault/fault.ts";
import { Heartbeat } from "#worker/engines/heartbeat/heartbeat.ts";
import { heartbeatSchema } from "#worker/host/runtime.ts";
import { pause, type ServerArchive } from "./server-archive.ts";

/** Between two beats, ms. */
const BEAT_MS = 10_000;

/** Writes a heartbeat every ten seconds until the signal. One that cannot be written is told in the status and changes nothing else. */
export async function heartbeatLoop({ host, server, access, signal, now }: ServerArchive): Promise<void> {
  const schema = heartbeatSchema(host);
  // Its end would end the archive.
  if (schema === null) return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  const heartbeat = new Heartbeat(access, schema, host.config.host);
  while (!signal.aborted) {
    try {
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
