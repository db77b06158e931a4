import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ArchivedCopy, ArchiveStatus, BinlogPlace } from "#lib/contract/archive/status.ts";
import type { PolicyConfig } from "#lib/contract/config/policy.ts";
import type { BinlogEpoch } from "#lib/domain/backup/storage-keys.ts";
import { Fault, type FaultRecord, faultRecord } from "#lib/domain/fault/fault.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import { accessOf } from "#worker/host/access.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import { type HostRuntime, requireServer } from "#worker/host/runtime.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { ArchiveState, type History } from "./archive-state.ts";
import type { RawFile, Session } from "./raw-files.ts";

/** A file that is here and not yet everywhere. */
export interface Waiting {
  readonly history: History;
  /** Of that history, at the destinations. */
  readonly epoch: number;
  readonly raw: RawFile;
}

/** What stream and sealing of one server share. Both look at the folder anew each time: the disk is the truth, this only says what goes on. */
export interface ServerArchive {
  readonly host: HostRuntime;
  readonly server: string;
  readonly policy: PolicyConfig;
  readonly access: ServerAccess;
  readonly destinations: readonly Destination[];
  /** `<archive folder>/<server>` */
  readonly root: string;
  /** Sealed files on their way. */
  readonly outbox: string;
  readonly state: ArchiveState;
  readonly signal: AbortSignal;
  /** What is known at the moment; written out by write-status.ts. */
  readonly now: ArchiveNow;
}

/** How far a destination can be read, and in which count of files. */
export interface Reach extends BinlogPlace {
  readonly log: BinlogEpoch;
}

export interface ArchiveNow {
  state: ArchiveStatus["state"];
  /** Folder that the stream writes into, while it runs. */
  session: Session | null;
  source: BinlogPlace | null;
  /** Fsynced. */
  local: BinlogPlace | null;
  trouble: FaultRecord | null;
  heartbeatTrouble: FaultRecord | null;
  lastSealedAt: string | null;
  /** By destination: what was stored there since this process began. */
  copies: Map<string, Pick<ArchivedCopy, "lastClosed" | "checkedAt"> & { readonly reach: Reach }>;
  /** By destination: why the last attempt failed. */
  copyFaults: Map<string, FaultRecord>;
  /** When the status was last written out, monotonic ms. */
  toldAt: number;
  /** Ends the running stream because its copy contradicts what was here. */
  endSession: ((reason: Fault) => void) | null;
}

/** The policy that archives a server: the first one that says so. Fault ARCHIVE_NOT_CONFIGURED. */
export function archivePolicy(host: HostRuntime, server: string): PolicyConfig {
  const policy = host.settings.policies.find((candidate) => candidate.server === server && candidate.archive);
  if (!policy) throw new Fault("ARCHIVE_NOT_CONFIGURED", { params: { server } });
  return policy;
}

/** Folder of a server's archive on this host. */
export function archiveRoot(host: HostRuntime, server: string): string {
  return join(host.folders.archive, server);
}

/** Puts together what archiving a server needs; nothing is contacted yet. The signal ends also what waits for a destination that is away. Faults ARCHIVE_NOT_CONFIGURED, CONFIG_*. */
export async function openArchive(host: HostRuntime, server: string, signal: AbortSignal): Promise<ServerArchive> {
  const policy = archivePolicy(host, server);
  const root = archiveRoot(host, server);
  const outbox = join(root, "outbox");
  mkdirSync(outbox, { recursive: true, mode: 0o700 });
  return {
    host,
    server,
    policy,
    access: await accessOf(requireServer(host.settings, server), host.identity),
    destinations: openDestinations(host, policy.destinations, signal),
    root,
    outbox,
    state: new ArchiveState(root, host.clock),
    signal,
    now: { state: "starting", session: null, source: null, local: null, trouble: null, heartbeatTrouble: null, lastSealedAt: null, copies: new Map(), copyFaults: new Map(), toldAt: Number.NEGATIVE_INFINITY, endSession: null },
  };
}

/** Notes a fault on record and in the log. */
export function noteFault(archive: ServerArchive, error: unknown): void {
  const fault = archive.state.note(error);
  archive.host.log.warn({ server: archive.server, fault: fault.code, params: fault.params, detail: fault.detail }, "archive");
}

/** Says why there is no stream now; not kept on record, since it ends by itself. */
export function tellTrouble(archive: ServerArchive, state: ArchiveStatus["state"], error: unknown): void {
  const fault = faultRecord(error);
  if (archive.now.trouble?.code !== fault.code) archive.host.log.warn({ server: archive.server, fault: fault.code, params: fault.params, detail: fault.detail }, "archive stream is down");
  archive.now.state = state;
  archive.now.trouble = fault;
}

/** Resolves after the time, or at once when the archive is to stop. */
export function pause(signal: AbortSignal, milliseconds: number): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end, { once: true });
  });
}
