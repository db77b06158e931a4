import { chown, mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import type { Artifact, Manifest, PhysicalFiles } from "#lib/contract/manifest/manifest.ts";
import { artifactKey } from "#lib/domain/backup/storage-keys.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { listDataFiles } from "#worker/engines/files/data-files.ts";
import { inLanes } from "#worker/streams/in-lanes.ts";
import { unpackFiles } from "#worker/engines/files/unpack-files.ts";
import type { RunAs } from "#worker/engines/sandbox/run-as.ts";
import { hostKeyring } from "#worker/host/recipients.ts";
import { noteRate } from "#worker/host/road-rates.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { unseal } from "#worker/streams/unseal.ts";
import type { Fetching } from "./fetch-artifact.ts";
import type { StoredSet } from "./read-set.ts";

export interface UnpackTarget {
  /** Data directory to be made; absent, its parent writable for the account. */
  readonly data: string;
  readonly account: RunAs;
  /** Stage that progress is told for. */
  readonly stage: string;
  /** Where parts are taken from. */
  readonly from: Pick<Fetching, "copies" | "destinations">;
}

/** What a server must be told to start on a set's files. Fault MANIFEST_INVALID where a physical set lacks it. */
export function physicalOf(manifest: Manifest): PhysicalFiles {
  if (!manifest.physical) throw new Fault("MANIFEST_INVALID", { params: { set: manifest.id, message: "method clone without a description of its files" } });
  return manifest.physical;
}

/**
 * Makes a data directory of a physical set: a part for each core at a time, each read, decrypted, decompressed, unpacked and compared with its digests while it comes.
 * Nothing may use the folder before this has ended well. Faults: KEY_MISSING, PHYSICAL_INCOMPLETE, DISK_FULL, those of `AnyCopy.read`.
 */
export async function unpackSet(context: RunContext, host: HostRuntime, set: StoredSet, target: UnpackTarget): Promise<void> {
  const { manifest } = set.signed;
  const expected = physicalOf(manifest);
  const keyring = await hostKeyring(host);
  if ((await keyring.hasSecret(manifest.recipients)).size === 0) throw new Fault("KEY_MISSING", { params: { recipients: manifest.recipients.join(", ") } });
  await mkdir(target.data, { mode: 0o750 });
  await chown(target.data, target.account.uid, target.account.gid);
  const parts = manifest.artifacts.filter(({ role }) => role === "files");
  const bytesTotal = parts.reduce((sum, { plain }) => sum + plain.bytes, 0);
  let bytesDone = 0;
  const onBytes = (bytes: number): void => {
    bytesDone += bytes;
    context.progress({ stage: target.stage, bytesDone: Math.min(bytesDone, bytesTotal), bytesTotal });
  };
  const began = performance.now();
  const access = keyring.access();
  const { copies, destinations } = target.from;
  // Two tars that make one folder at the same time: one of them takes the other's for a missing one and fails. The first part makes them all before its files.
  const folders = Promise.withResolvers<void>();
  await inLanes(parts, Math.min(8, Math.max(2, availableParallelism())), context.signal, async (artifact, index, signal) => {
    if (index > 0) await folders.promise;
    const onFirstFile = index === 0 ? folders.resolve : undefined;
    // The files of a copy that failed midway are written over by the next.
    const unpack = (destination: Destination): Promise<void> => unpackPart({ host, manifest, artifact, destination, access, target, signal, onBytes, onFirstFile });
    await copies.read(artifactKey(manifest.server.name, "full", manifest.id, artifact.name), destinations, signal, unpack).finally(onFirstFile);
  });
  noteRate(host, "unpack", expected.bytes, (performance.now() - began) / 1000);
  const found = await listDataFiles(target.data);
  if (found.files.length !== expected.files || found.bytes !== expected.bytes) {
    throw new Fault("PHYSICAL_INCOMPLETE", { params: { found: found.files.length, foundBytes: found.bytes, expected: expected.files, expectedBytes: expected.bytes } });
  }
}

interface PartJob {
  readonly host: HostRuntime;
  readonly manifest: Manifest;
  readonly artifact: Artifact;
  readonly destination: Destination;
  readonly access: Parameters<typeof unseal>[1]["keyring"];
  readonly target: UnpackTarget;
  readonly signal: AbortSignal;
  onBytes(bytes: number): void;
  readonly onFirstFile: (() => void) | undefined;
}

async function unpackPart({ host, manifest, artifact, destination, access, target, signal, onBytes, onFirstFile }: PartJob): Promise<void> {
  const source = await destination.get(artifactKey(manifest.server.name, "full", manifest.id, artifact.name), { signal });
  const opened = unseal(source, {
    compression: manifest.compression.codec,
    keyring: access,
    tools: host.tools,
    signal,
    artifact: artifact.name,
    destination: destination.id,
    recipients: manifest.recipients,
    expected: { sealedSha256: artifact.sealed.sha256, plainSha256: artifact.plain.sha256, plainBytes: artifact.plain.bytes },
  });
  await unpackFiles(opened.stream, target.data, target.account, { signal, onBytes, onFirstFile });
  await opened.done;
}
