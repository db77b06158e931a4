import { chown, mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import type { PhysicalFiles } from "#lib/contract/manifest/manifest.ts";
import type { SetPart } from "#lib/contract/manifest/parts.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { listDataFiles } from "#worker/engines/files/data-files.ts";
import { unpackFiles } from "#worker/engines/files/unpack-files.ts";
import type { RunAs } from "#worker/engines/sandbox/run-as.ts";
import { hostKeyring } from "#worker/host/recipients.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { inLanes } from "#worker/streams/in-lanes.ts";
import { unseal } from "#worker/streams/unseal.ts";
import type { Fetching } from "./fetch-artifact.ts";

export interface PartsTarget {
  /** Folder to be made; absent, its parent writable for the account. */
  readonly folder: string;
  readonly account: RunAs;
  /** Where parts are taken from. */
  readonly from: Pick<Fetching, "copies" | "destinations">;
  /** Plain bytes since the last call. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Unpacks archives of data files into one new folder: a part for each core at a time, each read, decrypted, decompressed, unpacked and compared with its digests while it comes.
 * `expected`: what must lie there in the end. Faults: PHYSICAL_INCOMPLETE, DISK_FULL, those of `AnyCopy.read`.
 */
export async function unpackParts(context: RunContext, host: HostRuntime, parts: readonly SetPart[], expected: Pick<PhysicalFiles, "files" | "bytes">, target: PartsTarget): Promise<void> {
  const { folder, account, from, onBytes } = target;
  await mkdir(folder, { mode: 0o750 });
  await chown(folder, account.uid, account.gid);
  const access = (await hostKeyring(host)).access();
  // Two tars that make one folder at the same time: one of them takes the other's for a missing one and fails. The first part makes them all before its files.
  const folders = Promise.withResolvers<void>();
  await inLanes(parts, Math.min(8, Math.max(2, availableParallelism())), context.signal, async (part, index, signal) => {
    if (index > 0) await folders.promise;
    const onFirstFile = index === 0 ? folders.resolve : undefined;
    // The files of a copy that failed midway are written over by the next.
    const unpack = (destination: Destination): Promise<void> => unpackPart({ host, part, destination, access, folder, account, signal, onBytes, onFirstFile });
    await from.copies.read(part.key, from.destinations, signal, unpack).finally(onFirstFile);
  });
  const found = await listDataFiles(folder);
  if (found.files.length !== expected.files || found.bytes !== expected.bytes) {
    throw new Fault("PHYSICAL_INCOMPLETE", { params: { found: found.files.length, foundBytes: found.bytes, expected: expected.files, expectedBytes: expected.bytes } });
  }
}

interface PartJob extends Pick<PartsTarget, "folder" | "account" | "onBytes"> {
  readonly host: HostRuntime;
  readonly part: SetPart;
  readonly destination: Destination;
  readonly access: Parameters<typeof unseal>[1]["keyring"];
  readonly signal: AbortSignal;
  readonly onFirstFile: (() => void) | undefined;
}

async function unpackPart({ host, part, destination, access, folder, account, signal, onBytes, onFirstFile }: PartJob): Promise<void> {
  const { artifact, key, codec, recipients } = part;
  const source = await destination.get(key, { signal });
  const opened = unseal(source, {
    compression: codec,
    keyring: access,
    tools: host.tools,
    signal,
    artifact: artifact.name,
    destination: destination.id,
    recipients,
    expected: { sealedSha256: artifact.sealed.sha256, plainSha256: artifact.plain.sha256, plainBytes: artifact.plain.bytes },
  });
  await unpackFiles(opened.stream, folder, account, { signal, onBytes, onFirstFile });
  await opened.done;
}
