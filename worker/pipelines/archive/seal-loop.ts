import { rmSync } from "node:fs";
import { segmentContent } from "#lib/contract/archive/segment.ts";
import { fileNumber } from "#lib/domain/archive/session-plan.ts";
import { type BinlogEpoch, parseSegmentKey, segmentKey } from "#lib/domain/backup/storage-keys.ts";
import { asFault, Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { readSegment } from "#worker/engines/binlog/read-segment.ts";
import { diskFault } from "#worker/streams/spool-file.ts";
import type { History } from "./archive-state.ts";
import { readAndList } from "./index-transactions.ts";
import { joinCopies, twinsOf } from "./join-copies.ts";
import { ofHistory, type RawFile, rawFiles, removeEmptySessions, setAside } from "./raw-files.ts";
import { clearOutbox, type Outgoing, sealFile, waitingFor } from "./seal-file.ts";
import { noteFault, pause, type ServerArchive } from "./server-archive.ts";
import { firstFreeEpoch, removeTails, storeEverywhere } from "./store-file.ts";
import { writeStatus } from "./write-status.ts";

const TICK_MS = 500;
/** Least and longest time between two tails of one file, ms; in between one more second for each 8 MiB, since a tail is sealed from its beginning. */
const LEAST_TAIL_MS = 8_000;
const LONGEST_TAIL_MS = 50_000;
const BYTES_A_SECOND = 8 * 1024 * 1024;
/** A file's description and the list of what went before take more: below it, no transaction can stand there. */
const LEAST_FILE_BYTES = 150;
/** After a destination or a sealing failed, ms. */
const RETRY_MS = 5_000;

/** The tail that was last brought away. */
interface TailMark {
  at: number;
  file: string;
  bytes: number;
}

/** Seals and stores what the stream wrote, until the signal. Nothing is remembered but on disk: it may be killed at any moment. */
export async function sealLoop(archive: ServerArchive): Promise<void> {
  const tail: TailMark = { at: Number.NEGATIVE_INFINITY, file: "", bytes: 0 };
  while (!archive.signal.aborted) {
    let wait = TICK_MS;
    try {
      if (!(await sealOnce(archive, tail))) wait = RETRY_MS;
    } catch (error) {
      if (archive.signal.aborted) break;
      wait = RETRY_MS;
      const fault = asFault(diskFault(error, archive.outbox));
      archive.host.log.error({ server: archive.server, err: fault }, "archive sealing failed");
      archive.now.trouble = faultRecord(fault);
    }
    writeStatus(archive);
    await pause(archive.signal, wait);
  }
  writeStatus(archive);
}

/** One pass over all that is here; false when something has to be tried again later. */
async function sealOnce(archive: ServerArchive, tail: TailMark): Promise<boolean> {
  const { state, root } = archive;
  const { current } = state;
  if (!current) return true;
  await joinAll(archive, current);
  let done = true;
  /** Destinations that failed in this pass: not tried again for every file. */
  const failing = new Set<string>();
  for (const history of historiesOf(rawFiles(root))) {
    const epoch = await epochOf(archive, history);
    const isCurrent = history.uuid === current.uuid && history.era === current.era;
    const files = ofHistory(rawFiles(root), history);
    const twice = new Set(twinsOf(files).map(({ newer }) => newer.name));
    const newest = Math.max(...files.map(({ number }) => number));
    for (const raw of files.filter(({ number }) => number > state.sealedUpTo(history)).sort((a, b) => a.number - b.number)) {
      if (archive.signal.aborted) return true;
      // A file that is here twice waits until the copies are compared, and those behind it wait with it.
      if (twice.has(raw.name)) break;
      if (isCurrent && raw.number === newest) done = (await sealTail(archive, { history, epoch, raw }, failing, tail)) && done;
      // The mark of what is done goes up without holes; what lies behind a hole waits in the outbox.
      else if (!(await sealClosed(archive, { history, epoch, raw }, failing))) done = false;
      else if (done) state.setSealed(history, raw.number);
    }
    // After the mark, and by the mark: whoever is killed in between finds the file done, and does not seal other bytes under a name that destinations hold.
    clearDone(archive, history, epoch);
    dropSealed(archive, history, isCurrent);
  }
  removeEmptySessions(root, archive.now.session?.name ?? null);
  return done;
}

/** Compares files that are here twice. Other bytes under a known name end the stream; a new era begins with the server's oldest file. */
async function joinAll(archive: ServerArchive, current: History): Promise<void> {
  const files = ofHistory(rawFiles(archive.root), current);
  const newest = Math.max(...files.map(({ number }) => number));
  for (const twins of twinsOf(files)) {
    const { older, newer } = twins;
    const newerClosed = newer.number < newest;
    if (!newerClosed && newer.bytes < older.bytes) continue;
    const sealed = older.number <= archive.state.sealedUpTo(current);
    const content = await readSegment(older.path, { flavor: older.session.flavor, signal: archive.signal }).catch(() => null);
    const outcome = await joinCopies(twins, content?.endPosition ?? older.bytes, newerClosed);
    if (outcome !== "differs") continue;
    const fault = new Fault("ARCHIVE_HISTORY_CHANGED", { params: { server: archive.server, message: `${older.name} has other bytes than the copy ${sealed ? "that was sealed" : "here"}` } });
    setAside(newer.session);
    archive.state.beginEra(current.uuid);
    noteFault(archive, fault);
    archive.now.endSession?.(fault);
    return;
  }
}

interface Waiting {
  readonly history: History;
  readonly epoch: number;
  readonly raw: RawFile;
}

/** True when every destination holds the file (or nobody ever can). */
async function sealClosed(archive: ServerArchive, { history, epoch, raw }: Waiting, failing: Set<string>): Promise<boolean> {
  const log = { server: archive.server, serverUuid: history.uuid, epoch };
  const item = waitingFor(archive.outbox, segmentKey(log, raw.name)) ?? (await sealWhole(archive, log, raw));
  // A damaged file's place stays empty in the chain, which says so; the copy stays here for whoever wants to look.
  if (!item) return true;
  if (!(await storeEverywhere(archive, item, failing))) return false;
  await removeTails(archive, item.key, Number.POSITIVE_INFINITY);
  archive.now.lastSealedAt = new Date(archive.host.clock.now()).toISOString();
  return true;
}

/** Files that every destination holds leave the outbox, those of a killed process too. */
function clearDone({ outbox, state }: ServerArchive, history: History, epoch: number): void {
  const upTo = state.sealedUpTo(history);
  clearOutbox(outbox, (key) => {
    const of = parseSegmentKey(key);
    return of !== null && of.serverUuid === history.uuid && of.epoch === epoch && fileNumber(of.file) <= upTo;
  });
}

async function sealWhole(archive: ServerArchive, log: BinlogEpoch, raw: RawFile): Promise<Outgoing | null> {
  const read = await readAndList(archive.host, log, raw, archive.signal).catch((error: unknown) => damaged(archive, raw, error));
  return read && sealFile(archive, { log, raw, content: segmentContent.parse(read.content), closed: true, transactions: read.list });
}

async function sealTail(archive: ServerArchive, { history, epoch, raw }: Waiting, failing: Set<string>, mark: TailMark): Promise<boolean> {
  const { clock } = archive.host;
  const interval = Math.min(LONGEST_TAIL_MS, LEAST_TAIL_MS + (raw.bytes / BYTES_A_SECOND) * 1000);
  if ((raw.name === mark.file && raw.bytes === mark.bytes) || clock.monotonic() - mark.at < interval) return true;
  // The stream has written its first bytes only: there is no event yet.
  if (raw.bytes < LEAST_FILE_BYTES) return true;
  const log = { server: archive.server, serverUuid: history.uuid, epoch };
  const content = segmentContent.parse((await readAndList(archive.host, log, raw, archive.signal)).content);
  const item = await sealFile(archive, { log, raw, content: { ...content, end: { kind: "open" } }, closed: false });
  mark.at = clock.monotonic();
  // Shorter ones are needed by nobody any more, wherever they are not yet.
  clearOutbox(archive.outbox, (key) => {
    const of = parseSegmentKey(key);
    return of?.tailEnd != null && of.file === raw.name && of.tailEnd < content.endPosition;
  });
  if (!(await storeEverywhere(archive, item, failing))) return false;
  mark.file = raw.name;
  mark.bytes = raw.bytes;
  archive.now.lastSealedAt = new Date(clock.now()).toISOString();
  await removeTails(archive, item.key, content.endPosition);
  return true;
}

function damaged(archive: ServerArchive, raw: RawFile, error: unknown): null {
  if (archive.signal.aborted) throw error;
  if (raw.bytes < LEAST_FILE_BYTES) return null;
  noteFault(archive, new Fault("ARCHIVE_FILE_DAMAGED", { params: { server: archive.server, file: raw.name, message: asFault(error).message }, cause: error }));
  return null;
}

/** Removes copies that every destination holds sealed. The newest one of the present history stays: the next session is compared with it. */
function dropSealed(archive: ServerArchive, history: History, isCurrent: boolean): void {
  const files = ofHistory(rawFiles(archive.root), history);
  const newest = Math.max(...files.map(({ number }) => number));
  for (const file of files) {
    if (file.number > archive.state.sealedUpTo(history) || (isCurrent && file.number >= newest - 1)) continue;
    rmSync(file.path, { force: true });
  }
  // What was set aside is streamed anew in the next era; once that is sealed as far, it is no longer needed.
  for (const file of rawFiles(archive.root)) {
    if (isCurrent && file.session.aside && file.session.uuid === history.uuid && archive.state.sealedUpTo(history) >= file.number) rmSync(file.path, { force: true });
  }
}

async function epochOf(archive: ServerArchive, history: History): Promise<number> {
  const known = archive.state.epochOf(history);
  if (known !== null) return known;
  archive.state.setBase(history.uuid, await firstFreeEpoch(archive, history.uuid));
  return archive.state.epochOf(history) ?? 1;
}

function historiesOf(files: readonly RawFile[]): History[] {
  const found = new Map(files.filter(({ session }) => !session.aside).map(({ session: { uuid, era } }) => [`${uuid}/${era}`, { uuid, era }]));
  return [...found.values()];
}
