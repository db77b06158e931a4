import { existsSync } from "node:fs";
import { fileNumber } from "#lib/domain/archive/session-plan.ts";
import { archivePrefix, type BinlogEpoch, epochPrefix, parseSegmentKey, segmentIndexKey, type SegmentKey } from "#lib/domain/backup/storage-keys.ts";
import { asFault, Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { readBack } from "#worker/destinations/read-back.ts";
import { replaceFile } from "#worker/host/replace-file.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { adoptHeld } from "./adopt-held.ts";
import { type Outgoing, storedMark } from "./seal-file.ts";
import type { Reach, ServerArchive } from "./server-archive.ts";

/**
 * Brings a sealed file to every destination that does not hold it yet: stored, read back, and last its description, so that whoever sees one may
 * trust that the file is whole. A destination that fails does not keep the others waiting; it is put into `failing`, and passed over while it stands there.
 * Gives whether all hold it now.
 */
export async function storeEverywhere(archive: ServerArchive, item: Outgoing, failing: Set<string>): Promise<boolean> {
  const results = await Promise.all(
    archive.destinations.map(async (destination) => {
      if (existsSync(storedMark(item, destination.id))) return true;
      if (failing.has(destination.id)) return false;
      try {
        await storeAt(archive, item, destination);
        tellReached(archive, item, destination.id);
        return true;
      } catch (error) {
        if (archive.signal.aborted) return false;
        failing.add(destination.id);
        const fault = faultRecord(error);
        if (archive.now.copyFaults.get(destination.id)?.code !== fault.code) archive.host.log.warn({ server: archive.server, destination: destination.id, key: item.key, fault: fault.code, params: fault.params, detail: fault.detail }, "archive copy failed");
        archive.now.copyFaults.set(destination.id, fault);
        return false;
      }
    }),
  );
  return results.every(Boolean);
}

function tellReached({ now, host }: ServerArchive, { key, segment }: Outgoing, destination: string): void {
  now.copyFaults.delete(destination);
  const of = parseSegmentKey(key);
  if (!of) return;
  const checkedAt = new Date(host.clock.now()).toISOString();
  const before = now.copies.get(destination);
  const lastClosed = of.tailEnd === null ? of.file : (before?.lastClosed ?? null);
  const reach: Reach = { log: of, file: of.file, position: segment.content.endPosition };
  now.copies.set(destination, { lastClosed, reach: before && isBehind(reach, before.reach) ? before.reach : reach, checkedAt });
}

/** A closed file may get there while its successor's pieces are there already. */
function isBehind(one: Reach, other: Reach): boolean {
  if (one.log.serverUuid !== other.log.serverUuid) return false;
  return (one.log.epoch - other.log.epoch || fileNumber(one.file) - fileNumber(other.file) || one.position - other.position) < 0;
}

async function storeAt(archive: ServerArchive, item: Outgoing, destination: Destination): Promise<void> {
  const { signal } = archive;
  try {
    for (const { key, path, sealed } of [{ key: item.key, path: item.path, sealed: item.segment.sealed }, ...(item.transactions ? [item.transactions] : [])]) {
      const stored = await destination.put(key, { kind: "file", path, bytes: sealed.bytes, sha256: sealed.sha256 }, { signal });
      // Some read it before they give it its name.
      if (!stored.readBack) await readBack(destination, key, sealed, { signal });
    }
    await destination.put(item.indexKey, { kind: "bytes", data: item.index }, { signal });
  } catch (error) {
    const fault = asFault(error);
    if (fault.code !== "DESTINATION_KEY_TAKEN") throw fault;
    await adoptHeld(archive, item, destination, fault);
  }
  replaceFile(storedMark(item, destination.id), "");
}

interface Replaced {
  readonly file: string;
  /** Destinations where nothing took their place. */
  readonly except: ReadonlySet<string>;
  readonly replaced: (key: string, end: number) => boolean;
}

/** Removes the pieces of an open file that `replaced` says so of: what took their place is intact. */
export async function removeTails(archive: ServerArchive, log: BinlogEpoch, { file, except, replaced }: Replaced): Promise<void> {
  await atEach(archive, except, async (destination) => {
    for await (const { key } of destination.list(`${epochPrefix(log)}${file}.`)) {
      const of = parseSegmentKey(key);
      if (of?.tailEnd != null && of.role === "sealed" && of.file === file && replaced(key, of.tailEnd)) await removePiece(destination, key);
    }
  });
}

/** Removes the pieces of all closed files of an epoch up to this number, at each destination where the closed file stands; those of a file that could not be sealed are all that there is of it. */
export async function removePiecesOfClosed(archive: ServerArchive, log: BinlogEpoch, upTo: number): Promise<void> {
  await atEach(archive, new Set(), async (destination) => {
    const found: { readonly key: string; readonly of: SegmentKey }[] = [];
    for await (const { key } of destination.list(epochPrefix(log))) {
      const of = parseSegmentKey(key);
      if (of && fileNumber(of.file) <= upTo) found.push({ key, of });
    }
    const closed = new Set(found.flatMap(({ of }) => (of.tailEnd === null && of.role === "index" ? [of.file] : [])));
    for (const { key, of } of found) if (of.tailEnd !== null && of.role === "sealed" && closed.has(of.file)) await removePiece(destination, key);
  });
}

/** The description goes first: never one without its bytes. */
async function removePiece(destination: Destination, key: string): Promise<void> {
  await destination.remove(segmentIndexKey(key));
  await destination.remove(key);
}

/** At each destination that answers, until the archive is to stop. A lock on what is to be removed is no error: it expires with it. */
async function atEach(archive: ServerArchive, except: ReadonlySet<string>, work: (destination: Destination) => Promise<void>): Promise<void> {
  await Promise.all(
    archive.destinations.map(async (destination) => {
      if (archive.now.copyFaults.has(destination.id) || except.has(destination.id)) return;
      try {
        await work(destination);
      } catch (error) {
        if (archive.signal.aborted) return;
        if (!(error instanceof Fault && error.code === "DESTINATION_OBJECT_LOCKED")) archive.now.copyFaults.set(destination.id, faultRecord(error));
      }
    }),
  );
}

/** The first epoch that no destination has seen of a server's uuid. Every destination is asked; one that does not answer is a fault, since its copies must not be met by other bytes; CANCELLED when the archive is to stop. */
export async function firstFreeEpoch(archive: ServerArchive, uuid: string): Promise<number> {
  const taken = await Promise.all(
    archive.destinations.map(async (destination) => {
      let highest = 0;
      for await (const { key } of destination.list(`${archivePrefix(archive.server)}${uuid}/`)) highest = Math.max(highest, parseSegmentKey(key)?.epoch ?? 0);
      return highest;
    }),
  );
  return Math.max(0, ...taken) + 1;
}
