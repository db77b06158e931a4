import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { LogPositions, Manifest, PhysicalFiles } from "#lib/contract/manifest/manifest.ts";
import { partsOf } from "#lib/contract/manifest/parts.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { applyIncrement } from "#worker/engines/mariadb-backup/prepare-files.ts";
import type { RunAs } from "#worker/engines/sandbox/run-as.ts";
import { availableMemory, cores, sandboxSizes } from "#worker/engines/sandbox/sizing.ts";
import { hostKeyring } from "#worker/host/recipients.ts";
import { noteRate } from "#worker/host/road-rates.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { requireKeys } from "./loadable-artifacts.ts";
import { requireSameSeries, requireSeriesOf } from "#worker/pipelines/backup/clone-ground.ts";
import { type PartsTarget, unpackParts } from "./unpack-parts.ts";

export interface UnpackTarget extends Pick<PartsTarget, "account" | "from"> {
  /** Data directory to be made; absent, its parent writable for the account. */
  readonly data: string;
  /** Stage that progress is told for. */
  readonly stage: string;
}

/** What a server must be told to start on a set's files. Fault MANIFEST_INVALID where a physical set lacks it. */
export function physicalOf(manifest: Manifest): PhysicalFiles {
  if (!manifest.physical) throw new Fault("MANIFEST_INVALID", { params: { set: manifest.id, message: "method clone without a description of its files" } });
  return manifest.physical;
}

/** Bytes of disk that {@link unpackSet} needs at most: changed pages lie beside the files that they are laid over, and what is new among them comes on top. */
export function unpackedBytes(manifest: Manifest): number {
  const { bytes, increment } = physicalOf(manifest);
  return bytes + (increment?.bytes ?? 0);
}

/** This host's programs must be of the series of a set's files. Gives their version. Faults PHYSICAL_SERIES, TOOL_MISSING: for a differential mariadb-backup counts among them. */
export async function requireUnpackPrograms(host: HostRuntime, { server, physical }: Manifest): Promise<string> {
  const version = await requireSameSeries(host, server);
  if (physical?.increment) await requireSeriesOf(backupProgram(host), server);
  return version;
}

/**
 * Makes a data directory of a physical set; of a differential, that of its full with the changed pages laid over. Nothing may use the folder before this has ended well.
 * Faults: KEY_MISSING, TOOL_MISSING, MARIADB_BACKUP_APPLY, those of {@link unpackParts}.
 */
export async function unpackSet(context: RunContext, host: HostRuntime, { signed: { manifest } }: { readonly signed: { readonly manifest: Manifest } }, target: UnpackTarget): Promise<void> {
  const physical = physicalOf(manifest);
  const parts = partsOf(manifest).filter(({ artifact }) => artifact.role === "files");
  await requireKeys(await hostKeyring(host), parts);
  const bytesTotal = parts.reduce((sum, { artifact }) => sum + artifact.plain.bytes, 0);
  let bytesDone = 0;
  const onBytes = (bytes: number): void => {
    bytesDone += bytes;
    context.progress({ stage: target.stage, bytesDone: Math.min(bytesDone, bytesTotal), bytesTotal });
  };
  const to = { account: target.account, from: target.from, onBytes };
  const began = performance.now();
  const { increment } = physical;
  if (!increment) await unpackParts(context, host, parts, physical, { ...to, folder: target.data });
  else {
    const { full, lsn } = fullOf(manifest);
    const own = (setId: string): boolean => setId === manifest.id;
    const changes = join(dirname(target.data), "changes");
    await unpackParts(context, host, parts.filter(({ setId }) => !own(setId)), full, { ...to, folder: target.data });
    await unpackParts(context, host, parts.filter(({ setId }) => own(setId)), increment, { ...to, folder: changes });
    await applyChanges(context, host, { server: manifest.server.name, data: target.data, bytes: physical.bytes, lsn, account: target.account }, changes);
  }
  noteRate(host, "unpack", physical.bytes, (performance.now() - began) / 1000);
}

/** Lays changed pages over an unpacked full; they are used up. Faults TOOL_MISSING, MARIADB_BACKUP_APPLY, DISK_FULL, CANCELLED. */
export async function applyChanges(context: RunContext, host: HostRuntime, full: { readonly server: string; readonly data: string; readonly bytes: number; readonly lsn: LogPositions; readonly account: RunAs }, changes: string): Promise<void> {
  const memory = sandboxSizes(full.bytes, availableMemory(), cores()).bufferPool;
  await applyIncrement({ program: backupProgram(host), account: full.account, server: full.server, memory, signal: context.signal }, full, changes);
  await rm(changes, { recursive: true, force: true });
}

function fullOf({ id, parent }: Manifest): { readonly full: PhysicalFiles; readonly lsn: LogPositions } {
  const full = parent?.physical;
  if (!full?.lsn) throw new Fault("MANIFEST_INVALID", { params: { set: id, message: "changed pages without a description of their full" } });
  return { full, lsn: full.lsn };
}

function backupProgram(host: HostRuntime): string {
  const program = host.tools.clients.mariadb?.mariadbBackup;
  if (!program) throw new Fault("TOOL_MISSING", { params: { tool: "mariadb-backup" } });
  return program;
}
