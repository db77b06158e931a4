import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { SetPart } from "#lib/contract/manifest/parts.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { discardPartial, publish, spool } from "#worker/streams/spool-file.ts";
import type { AnyCopy } from "./any-copy.ts";
import type { StoredSet } from "./read-set.ts";

/** Where sealed artifacts are brought to, and from which copies. */
export interface Fetching {
  readonly copies: AnyCopy;
  /** That may hold the set, in the order wished. */
  readonly destinations: readonly Destination[];
  /** Of a run; made when missing, removed by who owns it. */
  readonly folder: string;
}

/** The copy whose manifest was read, then the others. */
export function ownFirst({ destination }: Pick<StoredSet, "destination">, others: readonly Destination[]): Destination[] {
  return [destination, ...others.filter(({ id }) => id !== destination.id)];
}

/**
 * Brings a sealed artifact into the folder under its name: the first copy whose bytes are those of the signed manifest. `onBytes`: less than nothing for what a copy gave that was not sound.
 * Faults of {@link AnyCopy.read}, DISK_FULL.
 */
export async function fetchArtifact({ copies, destinations, folder }: Fetching, { artifact, key }: Pick<SetPart, "artifact" | "key">, signal: AbortSignal, onBytes: (bytes: number) => void = () => undefined): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, artifact.name);
  await copies.read(key, destinations, signal, async (destination) => {
    let taken = 0;
    try {
      const digests = await spool(await destination.get(key, { signal }), path, (bytes) => {
        taken += bytes;
        onBytes(bytes);
      }, { durable: false });
      if (digests.sha256 !== artifact.sealed.sha256 || digests.bytes !== artifact.sealed.bytes) {
        throw new Fault("COPY_CORRUPT", { params: { key, destination: destination.id, message: `${digests.bytes} bytes, ${digests.sha256}` } });
      }
      await publish(path, false);
    } catch (error) {
      onBytes(-taken);
      await discardPartial(path);
      throw error;
    }
  });
  return path;
}

/** The same, opened: no file of it is left under any name once its reader has gone. */
export async function fetchedStream(fetching: Fetching, part: SetPart, signal: AbortSignal): Promise<Readable> {
  const path = await fetchArtifact(fetching, part, signal);
  const file = await open(path);
  await rm(path);
  return file.createReadStream({ highWaterMark: 256 * 1024 });
}
