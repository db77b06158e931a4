import { canonicalJson } from "#lib/contract/manifest/canonical.ts";
import { asFault, Fault } from "#lib/domain/fault/fault.ts";
import { withRunLock } from "#worker/host/run-lock.ts";
import { type HostRuntime, requireServer } from "#worker/host/runtime.ts";
import { heartbeatLoop } from "./heartbeat-loop.ts";
import { sealLoop } from "./seal-loop.ts";
import { archivePolicy, openArchive, pause } from "./server-archive.ts";
import { streamLoop } from "./stream-loop.ts";

/** Settings are looked at this often: a server whose archive was turned on begins, one turned off ends, ms. */
const LOOK_MS = 5_000;

/**
 * Archives a server's binary logs until the signal: stream → raw files → sealed → every destination. Needs neither console nor queue, and survives the end of
 * anything it talks to. One process of a host at a time. Faults RUN_ALREADY_ACTIVE, ARCHIVE_NOT_CONFIGURED, CONFIG_*.
 */
export async function archiveServer(host: HostRuntime, server: string, signal: AbortSignal): Promise<void> {
  await withRunLock(host.folders.locks, archiveSubject(server), async () => {
    const stop = new AbortController();
    const archive = await openArchive(host, server, AbortSignal.any([signal, stop.signal]));
    const close = async (): Promise<void> => void (await Promise.allSettled(archive.destinations.map((destination) => destination.close())));
    archive.signal.addEventListener("abort", close, { once: true });
    try {
      // Should one of them fail by a mistake of ours, the others must not go on alone.
      await Promise.all([streamLoop(archive), sealLoop(archive), heartbeatLoop(archive)].map((loop) => loop.finally(() => stop.abort())));
    } finally {
      await close();
    }
  });
}

/** Archives every server whose policy says so, as the settings stand at each moment, until the signal. Never fails: what goes wrong is logged and tried again. */
export async function archiveAll(host: HostRuntime, signal: AbortSignal): Promise<void> {
  const running = new Map<string, { stop: AbortController; settings: string; end: Promise<void> }>();
  while (!signal.aborted) {
    const wanted = readableSettings(host) ? archivedServers(host) : [...running.keys()];
    for (const [server, { stop, settings }] of running) if (!wanted.includes(server) || (readableSettings(host) && settings !== settingsOf(host, server))) stop.abort();
    for (const server of wanted) {
      if (running.has(server)) continue;
      const stop = new AbortController();
      const end = archiveServer(host, server, AbortSignal.any([signal, stop.signal]))
        .catch((error: unknown) => host.log.error({ server, err: asFault(error) }, "archive cannot run"))
        .finally(() => running.delete(server));
      running.set(server, { stop, settings: settingsOf(host, server), end });
    }
    await pause(signal, LOOK_MS);
  }
  await Promise.all([...running.values()].map(({ end }) => end));
}

/** Settings that cannot be read at the moment must end neither what runs nor the worker. */
function readableSettings(host: HostRuntime): boolean {
  try {
    return Array.isArray(host.settings.policies);
  } catch (error) {
    host.log.error({ err: error }, "settings cannot be read: the archive goes on with the last ones");
    return false;
  }
}

/** Servers with a policy that archives them. */
export function archivedServers(host: HostRuntime): string[] {
  return [...new Set(host.settings.policies.filter(({ archive }) => archive).map(({ server }) => server))];
}

/** Is the server's archive being run by a process of this host? For the lock and for messages. */
export function archiveSubject(server: string): string {
  return `archive-${server}`;
}

/** All that an archive was opened with; another text means that it must be opened anew. */
function settingsOf(host: HostRuntime, server: string): string {
  try {
    const policy = archivePolicy(host, server);
    const { destinations, keys } = host.settings;
    return canonicalJson({ policy, server: requireServer(host.settings, server), destinations: destinations.filter(({ name }) => policy.destinations.includes(name)), keys });
  } catch (error) {
    return error instanceof Fault ? error.message : String(error);
  }
}
