import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ArchiveStatus, archiveStatus } from "#lib/contract/archive/status.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { ofHistory, rawFiles } from "./raw-files.ts";
import type { ServerArchive } from "./server-archive.ts";

/**
 * Tells other processes how the archive stands: `archive-<server>.json` in the state folder, which may lie on another disk than the archive's. Not forced to
 * disk, since it is made anew all the time; where it cannot be written, the last one goes on standing there with its time.
 */
export function writeStatus(archive: ServerArchive): void {
  const path = statusPath(archive.host, archive.server);
  archive.now.toldAt = archive.host.clock.monotonic();
  try {
    writeFileSync(`${path}.partial`, `${JSON.stringify(statusOf(archive))}\n`, { mode: 0o600 });
    renameSync(`${path}.partial`, path);
  } catch (error) {
    archive.host.log.warn({ server: archive.server, err: error }, "archive status cannot be written");
  }
}

/** The last status that the archive of a server wrote, or null when it never ran on this host. Whether its writer lives is not said there. */
export function readStatus(host: HostRuntime, server: string): ArchiveStatus | null {
  try {
    return archiveStatus.parse(JSON.parse(readFileSync(statusPath(host, server), "utf8")));
  } catch {
    return null;
  }
}

function statusPath(host: HostRuntime, server: string): string {
  return join(host.folders.state, `archive-${server}.json`);
}

function statusOf({ host, server, policy, destinations, state, now, root }: ServerArchive): ArchiveStatus {
  const { current } = state;
  const waiting = current ? ofHistory(rawFiles(root), current).filter(({ number }) => number > state.sealedUpTo(current)) : [];
  const newest = Math.max(...waiting.map(({ number }) => number));
  return {
    server,
    policy: policy.name,
    at: new Date(host.clock.now()).toISOString(),
    state: now.state,
    serverUuid: current?.uuid ?? null,
    epoch: current ? state.epochOf(current) : null,
    source: now.source,
    local: now.local,
    lagBytes: now.source && now.local && now.source.file === now.local.file ? Math.max(0, now.source.position - now.local.position) : null,
    lastSealedAt: now.lastSealedAt,
    unsealed: waiting.map(({ name, bytes, number }) => ({ file: name, bytes, open: number === newest })),
    copies: destinations.map(({ id }) => {
      const { lastClosed = null, checkedAt = null, reach } = now.copies.get(id) ?? {};
      return { destination: id, lastClosed, reaches: reach ? { file: reach.file, position: reach.position } : null, checkedAt, fault: now.copyFaults.get(id) ?? null };
    }),
    heartbeatTrouble: now.heartbeatTrouble,
    trouble: now.trouble,
    faults: [...state.faults],
  };
}
