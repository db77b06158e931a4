import { statfs } from "node:fs/promises";
import type { BinlogPlace } from "#lib/contract/archive/status.ts";
import { type HeldHistory, isBehind, type LogFile, planSession, wasReset } from "#lib/domain/archive/session-plan.ts";
import { asFault, Fault } from "#lib/domain/fault/fault.ts";
import { readSegment } from "#worker/engines/binlog/read-segment.ts";
import { SourceLogs } from "#worker/engines/binlog/source-logs.ts";
import { readerIdOf, startStream } from "#worker/engines/binlog/stream.ts";
import { diskFault } from "#worker/streams/spool-file.ts";
import type { History } from "./archive-state.ts";
import { ofHistory, openSession, type RawFile, rawFiles, type Session, syncRaw } from "./raw-files.ts";
import { noteFault, pause, type ServerArchive, tellTrouble } from "./server-archive.ts";
import { StreamBursts } from "./stream-bursts.ts";
import { writeStatus } from "./write-status.ts";

/** The disk is asked for new bytes this often, and they are forced to it, ms: each time the server's own commits wait behind it for a moment. */
const LOOK_MS = 750;
/** The server is asked where it writes this often, ms. */
const ASK_MS = 2000;
/** A stream that gives nothing for so long while the server is ahead is dead, ms. */
const STALLED_MS = 15_000;
const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 30_000;
/** A session that lived so long was a good one: the next attempt comes quickly again, ms. */
const GOOD_SESSION_MS = 20_000;
/** Room beyond the file to be streamed below which no session begins, bytes. */
const SPARE_BYTES = 1024 * 1024;

/** Streams a server's binary logs until the signal: one session after the other, each in a folder of its own. Every end of a stream is an outage, whatever it says. */
export async function streamLoop(archive: ServerArchive): Promise<void> {
  const { signal, now } = archive;
  const source = new SourceLogs(archive.access);
  let backoff = FIRST_BACKOFF_MS;
  try {
    while (!signal.aborted) {
      const began = archive.host.clock.monotonic();
      const fault = await runSession(archive, source).catch((error: unknown) => asFault(diskFault(error, archive.root)));
      now.session = null;
      now.endSession = null;
      if (signal.aborted) break;
      tellTrouble(archive, fault.code === "DISK_FULL" ? "disk-full" : "reconnecting", fault);
      backoff = archive.host.clock.monotonic() - began > GOOD_SESSION_MS ? FIRST_BACKOFF_MS : Math.min(backoff * 2, LONGEST_BACKOFF_MS);
      await pause(signal, backoff * (0.5 + Math.random() / 2));
    }
  } finally {
    source.close();
    now.state = "stopped";
  }
}

/** One life of the stream; gives the fault that ended it. */
async function runSession(archive: ServerArchive, source: SourceLogs): Promise<Fault> {
  const { host, now, root, signal } = archive;
  const server = await source.identity();
  const client = host.tools.clients[server.flavor];
  if (!client) return new Fault("TOOL_MISSING", { params: { tool: server.flavor === "mysql" ? "mysqlbinlog" : "mariadb-binlog" } });
  const listed = await source.list();
  if (listed.length === 0) return new Fault("SERVER_BINLOG_OFF", { params: { server: archive.server } });
  const { history, first } = await nextHistory(archive, await source.uuid(), listed);
  await requireRoom(root, listed.find(({ name }) => name === first)?.bytes ?? 0);
  const session = openSession(root, history, server.flavor, first);
  const stop = new AbortController();
  const reason = Promise.withResolvers<Fault>();
  now.session = session;
  now.endSession = (fault) => {
    reason.resolve(fault);
    stop.abort(fault);
  };
  const readerId = readerIdOf(host.config.host, archive.server);
  const stream = startStream({ flavor: server.flavor, client, access: archive.access, target: { folder: session.folder, firstFile: first, readerId }, signal: AbortSignal.any([signal, stop.signal]) });
  let down = false;
  const ended = stream.down.finally(() => {
    down = true;
  });
  now.state = "streaming";
  now.trouble = null;
  await watch(archive, source, session, new StreamBursts(stream, session.folder), () => down || stop.signal.aborted);
  const fault = await ended;
  syncNewest(archive, session, null);
  return stop.signal.aborted ? reason.promise : fault;
}

/** Follows a stream: forces its bytes to disk as they come, asks the server how far it is, and ends a stream that is dead without knowing it. */
async function watch(archive: ServerArchive, source: SourceLogs, session: Session, bursts: StreamBursts, over: () => boolean): Promise<void> {
  const { host, now, signal } = archive;
  let newest: RawFile | null = null;
  let grewAt = host.clock.monotonic();
  let askedAt = Number.NEGATIVE_INFINITY;
  while (!over() && !signal.aborted) {
    let place: BinlogPlace | null = null;
    if (bursts.begin() || host.clock.monotonic() - askedAt > ASK_MS) {
      askedAt = host.clock.monotonic();
      // A server that does not answer: the stream itself will end, or go on.
      place = await source.place().catch(() => null);
      now.source = place ?? now.source;
      // The look at the disk came before the question: a server that goes on is never behind it.
      if (place && wasReset(place, newest)) now.endSession?.(new Fault("ARCHIVE_STREAM_DOWN", { params: { server: archive.server, message: "the server's binary logs begin anew" } }));
    }
    const arrived = await bursts.arrived(place, signal, over);
    const seen = syncNewest(archive, session, newest);
    if (seen && (seen.name !== newest?.name || seen.bytes !== newest.bytes)) grewAt = host.clock.monotonic();
    bursts.end(newest, seen, arrived);
    newest = seen;
    const quiet = host.clock.monotonic() - grewAt;
    if (place && quiet > STALLED_MS && isBehind(place, newest)) {
      const fault = new Fault("ARCHIVE_STREAM_STALLED", { params: { server: archive.server, seconds: Math.round(quiet / 1000) } });
      noteFault(archive, fault);
      now.endSession?.(fault);
    }
    await pause(signal, LOOK_MS);
  }
}

/** Fsyncs what is new since the last look: the files that were closed in between, and the open one. */
function syncNewest(archive: ServerArchive, session: Session, last: RawFile | null): RawFile | null {
  const mine = rawFiles(archive.root).filter((file) => file.session.name === session.name);
  const fresh = mine.filter((file) => !last || file.number > last.number || (file.number === last.number && file.bytes > last.bytes) || (file.number === last.number && mine.at(-1)?.number !== file.number));
  for (const file of fresh) syncRaw(file, file.number !== last?.number);
  const newest = mine.at(-1) ?? null;
  if (newest && fresh.length > 0) {
    archive.now.local = { file: newest.name, position: newest.bytes };
    // At once: who measures how far the archive is behind reads it there.
    writeStatus(archive);
  }
  return newest;
}

/** The history that the server is in, and the file to stream from. What contradicts the one that was followed begins another, and is put on record. */
async function nextHistory(archive: ServerArchive, uuid: string, listed: readonly LogFile[]): Promise<{ history: History; first: string }> {
  const { state, server } = archive;
  const changed = (message: string): void => noteFault(archive, new Fault("ARCHIVE_HISTORY_CHANGED", { params: { server, message } }));
  const { history, left } = state.turnTo(uuid);
  if (left) changed(`it was ${left} and is ${uuid} now`);
  const plan = planSession(await heldOf(archive, history), listed);
  if (plan.kind === "stream") {
    if (plan.gap) noteFault(archive, new Fault("ARCHIVE_GAP", { params: { server, ...plan.gap } }));
    return { history, first: plan.first };
  }
  changed(plan.why);
  return { history: state.beginEra(uuid), first: listed[0]?.name ?? "" };
}

async function heldOf(archive: ServerArchive, history: History): Promise<HeldHistory> {
  const newest = ofHistory(rawFiles(archive.root), history).reduce<RawFile | null>((best, file) => (!best || file.number > best.number || (file.number === best.number && file.bytes > best.bytes) ? file : best), null);
  if (!newest) return { newest: null, newestClosed: false };
  const content = await readSegment(newest.path, { flavor: newest.session.flavor, signal: archive.signal }).catch(() => null);
  return { newest: { name: newest.name, bytes: content?.endPosition ?? newest.bytes }, newestClosed: content?.end.kind === "rotated" };
}

/** Fault DISK_FULL when the folder cannot hold the file that the stream begins with. */
async function requireRoom(root: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(root);
  if (bavail * bsize < bytes + SPARE_BYTES) throw new Fault("DISK_FULL", { params: { path: root } });
}
