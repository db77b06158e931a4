import { chmod, copyFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SourceServer } from "#lib/contract/manifest/manifest.ts";
import { cloneRemote, type Donor } from "#worker/engines/clone/clone-remote.ts";
import type { CloneOptions } from "#worker/engines/clone/run-clone.ts";
import { startSandbox } from "#worker/engines/sandbox/sandbox.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import type { GentleReading } from "./gentle-reading.ts";

/** The recipient is told anew so often how fast it may be, ms. */
const PACE_MS = 500;
const MIB = 1024 * 1024;

/**
 * A copy of a server that is elsewhere, written here by an isolated server that lives as long as this takes. `gentle`: how fast, and whether it is the moment: the recipient is told, for which this is
 * a setting of its own (production's is not touched). Faults as of {@link cloneRemote} and of the isolated server.
 */
export async function receiveClone(context: RunContext, host: HostRuntime, job: { readonly client: ClientTools; readonly server: SourceServer; readonly gentle?: GentleReading | undefined }, donor: Donor, data: string, options: CloneOptions): Promise<number> {
  // Cancelled while it copies it is told first, and ended after: a donor keeps a clone for minutes whose recipient is gone without a word.
  const life = new AbortController();
  const onAbort = (): void => life.abort(context.signal.reason);
  context.signal.addEventListener("abort", onAbort, { once: true });
  if (context.signal.aborted) onAbort();
  const recipient = await startSandbox({
    tools: job.client,
    flavor: "mysql",
    folder: host.folders.sandbox,
    user: host.config.sandboxUser,
    source: job.server,
    signal: life.signal,
    purpose: `recipient of ${job.server.name}`,
    recipient: donor,
    log: (level, text) => context.log(level, text),
  }).finally(() => context.signal.removeEventListener("abort", onAbort));
  const pace = job.gentle ? keepPace(recipient.access, job.gentle) : undefined;
  try {
    return await cloneRemote(recipient.access, await withReadableAuthority(donor, dirname(recipient.data)), data, options);
  } finally {
    await pace?.end();
    await recipient.destroy();
  }
}

/** Sets the recipient's bandwidth while it copies, each time the limit is another one. What it cannot be told is lost with it: the copy itself will say what is wrong. */
function keepPace(recipient: ServerAccess, gentle: GentleReading): { end(): Promise<void> } {
  let told = 0;
  let asking: Promise<void> = Promise.resolve();
  const tell = async (): Promise<void> => {
    const limit = gentle.bytesPerSecond;
    // 0: none. Whole MiB a second; one is the least.
    const wanted = limit === null ? 0 : Math.max(1, Math.floor(limit / MIB));
    if (wanted === told) return;
    const connection = await connect(recipient);
    await connection.query(`SET GLOBAL clone_max_data_bandwidth = ${wanted}`).finally(() => connection.destroy());
    told = wanted;
  };
  const ask = (): void => {
    asking = asking.then(tell).catch(() => undefined);
  };
  const timer = setInterval(ask, PACE_MS);
  ask();
  return {
    async end() {
      clearInterval(timer);
      await asking;
    },
  };
}

/** The recipient runs under another account, which need not be able to read the file that the worker reads. The folder is wiped with the recipient. */
async function withReadableAuthority(donor: Donor, folder: string): Promise<Donor> {
  const { tls } = donor.access;
  if (!tls?.ca) return donor;
  const ca = join(folder, "donor-ca.pem");
  await copyFile(tls.ca, ca);
  await chmod(ca, 0o644);
  return { ...donor, access: { ...donor.access, tls: { ...tls, ca } } };
}
