import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type { SegmentIndex } from "#lib/contract/archive/segment.ts";
import { transactionsKey } from "#lib/domain/backup/storage-keys.ts";
import { asFault, type Fault } from "#lib/domain/fault/fault.ts";
import { readBack } from "#worker/destinations/read-back.ts";
import { hostKeyring } from "#worker/host/recipients.ts";
import { signSegment } from "#worker/host/sign-document.ts";
import { isUnsound, readDescription } from "#worker/pipelines/catalog/segment-description.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { unseal } from "#worker/streams/unseal.ts";
import type { Outgoing } from "./seal-file.ts";
import type { ServerArchive } from "./server-archive.ts";

/**
 * Sealing the same bytes again gives other bytes: where the outbox was lost between upload and mark, a destination holds the first ones. What it holds is taken
 * as it is when it can be shown to be the same file: by its signed description, read back against it; or, where the upload ended before the description, by opening it here,
 * and then it gets a description with its own digests. Otherwise the fault `taken` stands.
 */
export async function adoptHeld(archive: ServerArchive, item: Outgoing, destination: Destination, taken: Fault): Promise<void> {
  const { host, signal } = archive;
  const own = item.segment;
  const held = await describedThere(archive, item, destination, taken);
  if (held) {
    if (!sameBytes(held.plain, own.plain)) throw taken;
    await readBack(destination, item.key, held.sealed, { signal });
    if (held.transactions) await readBack(destination, transactionsKey(item.key), held.transactions.sealed, { signal });
  } else {
    const sealed = await openedThere(archive, item, destination, taken);
    // Its list of transactions belongs to another sealing: without one, readers make it from the file.
    const { transactions: _list, ...segment } = own;
    await destination.put(item.indexKey, { kind: "bytes", data: signSegment({ ...segment, sealed }, host.identity.signing) }, { signal });
  }
  host.log.info({ server: archive.server, destination: destination.id, key: item.key }, "archive copy was there already");
}

/** Null: there is none. */
async function describedThere({ host, signal }: ServerArchive, { indexKey }: Outgoing, destination: Destination, taken: Fault): Promise<SegmentIndex | null> {
  try {
    return await readDescription(host, destination, indexKey, signal);
  } catch (error) {
    const fault = asFault(error);
    if (fault.code === "DESTINATION_OBJECT_MISSING") return null;
    throw isUnsound(fault) ? taken : fault;
  }
}

/** Digests of the sealed bytes that stand there, when they open to the very bytes of the file. */
async function openedThere({ host, signal }: ServerArchive, { key, segment }: Outgoing, destination: Destination, taken: Fault): Promise<SegmentIndex["sealed"]> {
  const keyring = await hostKeyring(host);
  if ((await keyring.hasSecret(segment.recipients)).size === 0) throw taken;
  const md5 = createHash("md5");
  const source = await destination.get(key, { signal });
  const opened = unseal(Readable.from(digested(source, md5)), { compression: "zstd", keyring: keyring.access(), tools: host.tools, signal, expected: { plainSha256: segment.plain.sha256, plainBytes: segment.plain.bytes } });
  try {
    await Promise.all([finished(opened.stream.resume()), opened.done]);
    const { sealedBytes, sealedSha256 } = await opened.done;
    return { bytes: sealedBytes, sha256: sealedSha256, md5: md5.digest("hex") };
  } catch (error) {
    const fault = asFault(error);
    // Away, or not ours: only the second is what was said before.
    throw fault.code === "COPY_CORRUPT" || fault.code === "UNSEAL_FAILED" || fault.code === "KEY_MISSING" ? taken : fault;
  }
}

async function* digested(source: Readable, hash: { update(bytes: Buffer): unknown }): AsyncGenerator<Buffer> {
  for await (const chunk of source as AsyncIterable<Buffer>) {
    hash.update(chunk);
    yield chunk;
  }
}

function sameBytes(one: SegmentIndex["plain"], other: SegmentIndex["plain"]): boolean {
  return one.bytes === other.bytes && one.sha256 === other.sha256;
}
