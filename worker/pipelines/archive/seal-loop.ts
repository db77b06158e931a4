import { rmSync } from "node:fs";
import { fileNumber } from "#lib/domain/archive/session-plan.ts";
import { parseSegmentKey } from "#lib/domain/backup/storage-keys.ts";
import { asFault, Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { readSegment } from "#worker/engines/binlog/read-segment.ts";
import { diskFault } from "#worker/streams/spool-file.ts";
import type { History } from "./archive-state.ts";
import { joinCopies, twinsOf } from "./join-copies.ts";
import { ofHistory, type RawFile, rawFiles, removeEmptySessions, setAside } from "./raw-files.ts";
import { ClosedSealer } from "./seal-closed.ts";
import { clearOutbox } from "./seal-file.ts";
import { type Growing, TailSealer } from "./seal-tail.ts";
import { noteFault, pause, type ServerArchive, type Waiting } from "./server-archive.ts";
import { firstFreeEpoch, removePiecesOfClosed } from "./store-file.ts";
import { writeStatus } from "./write-status.ts";

const TICK_MS = 500;
/** Between two reports of how the archive stands, ms; the stream tells its own progress at once. */
const TELL_MS = 1000;
/** After a destination or a sealing failed, ms. */
const RETRY_MS = 5_000;

/** What works on a server's archive in turns: open files here, closed ones beside. */
interface Sealers {
  readonly tails: TailSealer;
  readonly closed: ClosedSealer;
  /** Puts it on record that nothing is sealed at the moment. */
  readonly failed: (error: unknown) => void;
}

/** Seals and stores what the stream wrote, until the signal. Nothing is remembered but on disk: it may be killed at any moment. */
export async function sealLoop(archive: ServerArchive): Promise<void> {
  const failed = (error: unknown): void => {
    const fault = asFault(diskFault(error, archive.outbox));
    archive.host.log.error({ server: archive.server, err: fault }, "archive sealing failed");
    archive.now.trouble = faultRecord(fault);
  };
  const sealers: Sealers = { tails: new TailSealer(archive), closed: new ClosedSealer(archive), failed };
  while (!archive.signal.aborted) {
    let wait = TICK_MS;
    try {
      if (!(await sealOnce(archive, sealers))) wait = RETRY_MS;
    } catch (error) {
      if (archive.signal.aborted) break;
      wait = RETRY_MS;
      failed(error);
    }
    if (archive.host.clock.monotonic() - archive.now.toldAt >= TELL_MS) writeStatus(archive);
    await pause(archive.signal, wait);
  }
  sealers.tails.close();
  await sealers.closed.end();
  writeStatus(archive);
}

/** One pass over all that is here; false when something has to be tried again later. */
async function sealOnce(archive: ServerArchive, { tails, closed, failed }: Sealers): Promise<boolean> {
  const { state, root } = archive;
  const { current } = state;
  if (!current) return true;
  await joinAll(archive, current);
  await putOnRecord(archive, closed);
  const whole: Waiting[] = [];
  const open: Growing[] = [];
  const found = rawFiles(root);
  for (const history of historiesOf(found)) {
    const epoch = await epochOf(archive, history);
    const isCurrent = history.uuid === current.uuid && history.era === current.era;
    const files = ofHistory(found, history);
    const twice = new Set(twinsOf(files).map(({ newer }) => newer.name));
    const newest = Math.max(...files.map(({ number }) => number));
    for (const raw of files.filter(({ number }) => number > state.sealedUpTo(history)).sort((a, b) => a.number - b.number)) {
      // A file that is here twice waits until the copies are compared, and those behind it wait with it.
      if (twice.has(raw.name)) break;
      const waiting = { history, epoch, raw };
      const isOpen = isCurrent && raw.number === newest;
      if (!isOpen) whole.push(waiting);
      open.push({ ...waiting, closed: !isOpen });
    }
    // After the mark, and by the mark: whoever is killed in between finds the file done, and does not seal other bytes under a name that destinations hold.
    clearDone(archive, history, epoch);
    dropSealed(archive, history, found, isCurrent);
  }
  removeEmptySessions(root, archive.now.session?.name ?? null);
  closed.begin(whole, failed);
  return tails.bring(open);
}

/** Closed files that are everywhere: their pieces go from the destinations, then the mark goes up. */
async function putOnRecord(archive: ServerArchive, closed: ClosedSealer): Promise<void> {
  const histories = Map.groupBy(closed.take(), ({ history: { uuid, era } }) => `${uuid}/${era}`);
  for (const files of histories.values()) {
    // They come in order and without holes.
    const last = files.at(-1);
    if (!last) continue;
    await removePiecesOfClosed(archive, { server: archive.server, serverUuid: last.history.uuid, epoch: last.epoch }, last.raw.number);
    // What was not removed any more is removed by who comes next.
    if (archive.signal.aborted) return;
    archive.state.setSealed(last.history, last.raw.number);
  }
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

/** Files that every destination holds leave the outbox, those of a killed process too. */
function clearDone({ outbox, state }: ServerArchive, history: History, epoch: number): void {
  const upTo = state.sealedUpTo(history);
  clearOutbox(outbox, (key) => {
    const of = parseSegmentKey(key);
    return of !== null && of.serverUuid === history.uuid && of.epoch === epoch && fileNumber(of.file) <= upTo;
  });
}

/** Removes copies that every destination holds sealed. The newest one of the present history stays: the next session is compared with it. */
function dropSealed(archive: ServerArchive, history: History, found: readonly RawFile[], isCurrent: boolean): void {
  const files = ofHistory(found, history);
  const newest = Math.max(...files.map(({ number }) => number));
  for (const file of files) {
    if (file.number > archive.state.sealedUpTo(history) || (isCurrent && file.number >= newest - 1)) continue;
    rmSync(file.path, { force: true });
  }
  // What was set aside is streamed anew in the next era; once that is sealed as far, it is no longer needed.
  for (const file of found) {
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
