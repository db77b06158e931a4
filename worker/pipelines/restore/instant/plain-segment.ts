import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { rm, truncate } from "node:fs/promises";
import type { SegmentIndex } from "#lib/contract/archive/segment.ts";
import { segmentIndexKey } from "#lib/domain/backup/storage-keys.ts";
import { asFault, Fault } from "#lib/domain/fault/fault.ts";
import { hostKeyring } from "#worker/host/recipients.ts";
import { throwIfCancelled } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { type AnyCopy, copiesUntold, exhausted, isMissing, isOfCopies } from "#worker/pipelines/catalog/any-copy.ts";
import { readDescription } from "#worker/pipelines/catalog/segment-description.ts";
import { discardPartial, publish, spool } from "#worker/streams/spool-file.ts";
import { unseal } from "#worker/streams/unseal.ts";
import type { Destination } from "#worker/ports/destination.ts";
import type { KeyringAccess } from "#worker/ports/keyring-access.ts";
import { type ArchivedSegment, archivedSegments, asWhole, readAnywhere } from "./archived-segments.ts";
import { type FetchObject, joinPieces } from "./join-pieces.ts";

/**
 * Brings an archived file, or the beginning of an open one, to `path`, opened: sealed and plain digests as signed descriptions say. A copy that is damaged or away gives way to
 * the next destination; a closed file of which no copy is sound, to its pieces where some destination still has these. Faults of {@link AnyCopy.read}, KEY_MISSING, DISK_FULL.
 */
export async function fetchPlainSegment(host: HostRuntime, segment: ArchivedSegment, path: string, signal: AbortSignal, copies = copiesUntold(host)): Promise<void> {
  if (segment.pieces.length === 0) return fetchClosed(host, segment, path, signal, copies);
  const fetch: FetchObject = (object, to) => fetchObject(host, object, to, signal, copies);
  try {
    await joinPieces(host, segment, path, { copies, fetch });
  } catch (error) {
    throwIfCancelled(signal);
    if (!isMissing(error)) throw error;
    // Longer pieces, or the closed file, took their place meanwhile: those begin with the same bytes.
    const { index, destinations } = segment;
    const now = (await archivedSegments(host, destinations, index.server, undefined, copies)).find(({ index: other }) => other.serverUuid === index.serverUuid && other.epoch === index.epoch && other.file === index.file);
    if (!now || now.key === segment.key) throw error;
    if (now.pieces.length === 0) await fetchClosed(host, now, path, signal, copies);
    else await joinPieces(host, now, path, { copies, fetch });
    await cutTo(path, { file: index.file, bytes: index.content.endPosition, sha256: index.plain.sha256 });
  }
}

/** Sealings of a file are many, its bytes are the same: whole, or joined out of pieces and cut to what its description vouches for. */
async function fetchClosed(host: HostRuntime, segment: ArchivedSegment, path: string, signal: AbortSignal, copies: AnyCopy): Promise<void> {
  const { index, key, besides = [] } = segment;
  const last = besides.at(-1);
  try {
    await fetchObject(host, segment, path, signal, copies);
  } catch (error) {
    throwIfCancelled(signal);
    if (!last || !isOfCopies(error)) throw error;
    try {
      const whole = asWhole(await readAnywhere(host, last, copies));
      // Brought away before the file was closed, and no longer since: they lack its end.
      if (whole.content.endPosition < index.plain.bytes) throw error;
      await joinPieces(host, { ...last, index: whole, pieces: besides }, path, { copies, fetch: (object, to) => fetchObject(host, object, to, signal, copies) });
      await cutTo(path, { file: index.file, bytes: index.plain.bytes, sha256: index.plain.sha256 });
    } catch (other) {
      throwIfCancelled(signal);
      if (other === error) throw error;
      throw exhausted(key, new Map([["whole", asFault(error)], ["pieces", asFault(other)]]));
    }
  }
}

/** Brings one sealed object of the archive to a path, opened and compared with its description. Faults as of {@link fetchPlainSegment}. */
export function fetchObject(host: HostRuntime, { key, index, destinations, besides }: Parameters<FetchObject>[0], path: string, signal: AbortSignal, copies = copiesUntold(host)): Promise<void> {
  const { recipients, plain, sealed } = index;
  return fetchPlain(host, { key, indexKey: segmentIndexKey(key), recipients, plain, sealed, destinations, besides }, path, signal, copies);
}

/** A sealed object of the archive as signed descriptions tell of it. */
interface SealedObject extends Pick<SegmentIndex, "recipients" | "plain" | "sealed"> {
  readonly key: string;
  /** Its own description, where it has one: a destination may hold the same file as another sealing of it. */
  readonly indexKey: string | null;
  readonly destinations: readonly Destination[];
  /** The same bytes in another form. */
  readonly besides?: ArchivedSegment["besides"];
}

/** As {@link fetchPlainSegment}, for any object of the archive. */
export async function fetchPlain(host: HostRuntime, object: SealedObject, path: string, signal: AbortSignal, copies: AnyCopy): Promise<void> {
  const { key, recipients, destinations, besides = [] } = object;
  const keyring = await hostKeyring(host);
  if ((await keyring.hasSecret(recipients)).size === 0) throw new Fault("KEY_MISSING", { params: { recipients: recipients.join(", ") } });
  await copies.read(key, destinations, signal, async (destination) => {
    try {
      await fetchFrom(host, destination, { ...object, keyring: keyring.access(), path, signal });
    } catch (error) {
      await discardPartial(path);
      throw error;
    }
  }, besides.length > 0);
}

async function fetchFrom(host: HostRuntime, destination: Destination, job: SealedObject & { readonly keyring: KeyringAccess; readonly path: string; readonly signal: AbortSignal }): Promise<void> {
  const { key, indexKey, plain, sealed, keyring, path, signal } = job;
  const attempt = async (sealedSha256: string): Promise<void> => {
    const opened = unseal(await destination.get(key, { signal }), { compression: "zstd", keyring, tools: host.tools, signal, artifact: key, destination: destination.id, expected: { sealedSha256, plainSha256: plain.sha256, plainBytes: plain.bytes } });
    opened.done.catch(() => undefined);
    await spool(opened.stream, path);
    await publish(path);
  };
  try {
    await attempt(sealed.sha256);
  } catch (error) {
    if (indexKey === null || asFault(error).code !== "COPY_CORRUPT") throw error;
    const own = await readDescription(host, destination, indexKey, signal).catch(() => null);
    if (!own || own.sealed.sha256 === sealed.sha256 || own.plain.sha256 !== plain.sha256) throw error;
    await attempt(own.sealed.sha256);
  }
}

/**
 * Cuts a plain file to what a plan was bound to: a file that was open then has grown since. Fault PLAN_CHANGED when its beginning is another.
 */
export async function cutTo(path: string, bound: { readonly file: string; readonly bytes: number; readonly sha256: string }): Promise<void> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(path, { end: bound.bytes - 1, highWaterMark: 1024 * 1024 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  if (bytes !== bound.bytes || hash.digest("hex") !== bound.sha256) {
    await rm(path, { force: true });
    throw new Fault("PLAN_CHANGED", { params: { change: `${bound.file} in the archive is not what it was` } });
  }
  await truncate(path, bound.bytes);
}
