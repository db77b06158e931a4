import { chmod, copyFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SourceServer } from "#lib/contract/manifest/manifest.ts";
import { cloneRemote, type Donor } from "#worker/engines/clone/clone-remote.ts";
import { endLeftClone } from "#worker/engines/clone/end-left-clone.ts";
import type { Speed } from "#worker/engines/clone/meter.ts";
import { PacedRelay } from "#worker/engines/clone/paced-relay.ts";
import type { CloneOptions } from "#worker/engines/clone/run-clone.ts";
import { explainByDeath } from "#worker/engines/sandbox/explain-death.ts";
import { startSandbox } from "#worker/engines/sandbox/sandbox.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { ClientTools } from "#worker/ports/tools.ts";

/**
 * A copy of a server that is elsewhere, written here by an isolated server that lives as long as this takes. `speed`: how fast, from one moment to the next: its connections go
 * through a relay of this process, which reads in small even steps; the recipient's own `clone_max_data_bandwidth` works in bursts of many MiB, and production's commits wait for those. Faults as of {@link cloneRemote} and of the isolated server.
 */
export async function receiveClone(context: RunContext, host: HostRuntime, job: { readonly client: ClientTools; readonly server: SourceServer; readonly speed?: Speed | undefined }, donor: Donor, data: string, options: CloneOptions): Promise<number> {
  // Cancelled while it copies it is told first, and ended after: a donor keeps a clone for minutes whose recipient is gone without a word. It may all the same where the recipient ends in the first moments.
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
  const { speed } = job;
  let relay: PacedRelay | undefined;
  try {
    const { host: name = "", port = 3306 } = donor.access;
    relay = speed && (await PacedRelay.open({ host: name, port }, speed));
    const way = { through: relay?.address, single: speed !== undefined && speed.bytesPerSecond !== null };
    return await cloneRemote(recipient.access, await withReadableAuthority(donor, dirname(recipient.data)), data, { ...options, ...way });
  } catch (error) {
    const reason = context.signal.aborted ? error : await explainByDeath(recipient, error);
    await recipient.destroy();
    const left = await endLeftClone(donor.access, recipient.pid);
    if (left > 0) context.log("info", `what ${job.server.name} kept of the copy was ended there: ${left} sessions`);
    throw reason;
  } finally {
    await relay?.close();
    await recipient.destroy();
  }
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
