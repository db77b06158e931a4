/** A binary log as the server lists it, or as it lies here. */
export interface LogFile {
  /** `binlog.000012` */
  readonly name: string;
  readonly bytes: number;
}

export interface HeldHistory {
  /** The newest file that is here; null when there is none. */
  readonly newest: LogFile | null;
  /** Does it end with the server's own note that the next file follows? Then nothing of it can be missing. */
  readonly newestClosed: boolean;
}

export type SessionPlan =
  /** Stream from this file on, whole. */
  | { readonly kind: "stream"; readonly first: string; readonly gap: { readonly from: string; readonly to: string } | null }
  /** What the server lists cannot be the continuation of what is here. */
  | { readonly kind: "other-history"; readonly why: string };

/**
 * Where a new session of the stream starts: at the newest file that is here, from its beginning, since a stream cannot begin inside a file and the last
 * end may have been torn. Without anything here: at the oldest file that the server still has. `listed` is in the server's order and not empty.
 */
export function planSession(held: HeldHistory, listed: readonly LogFile[]): SessionPlan {
  const [oldest] = listed;
  const newest = listed.at(-1);
  if (!oldest || !newest) throw new RangeError("a server that writes binary logs lists at least one");
  if (!held.newest) return { kind: "stream", first: oldest.name, gap: null };
  const mine = held.newest;
  const same = listed.find((file) => file.name === mine.name);
  if (same) {
    if (same.bytes < mine.bytes) return { kind: "other-history", why: `${mine.name} has ${same.bytes} bytes there and ${mine.bytes} here` };
    return { kind: "stream", first: mine.name, gap: null };
  }
  const number = fileNumber(mine.name);
  if (fileStem(mine.name) !== fileStem(newest.name)) return { kind: "other-history", why: `files are called ${newest.name} there and ${mine.name} here` };
  if (fileNumber(newest.name) < number) return { kind: "other-history", why: `its newest file is ${newest.name}, here is ${mine.name} already` };
  const next = listed.find((file) => fileNumber(file.name) > number) ?? newest;
  const whole = held.newestClosed && fileNumber(next.name) === number + 1;
  return { kind: "stream", first: next.name, gap: whole ? null : { from: mine.name, to: next.name } };
}

/** Number of a binary log: `binlog.000012` → 12. RangeError for what has none. */
export function fileNumber(name: string): number {
  const match = /\.(\d{1,10})$/.exec(name);
  if (!match) throw new RangeError(`not the name of a binary log: ${name}`);
  return Number(match[1]);
}

function fileStem(name: string): string {
  return name.slice(0, name.lastIndexOf("."));
}

/**
 * Has a living stream stopped being one? `place` is where the server writes, `local` what is here. The server's last few bytes may be a note
 * without a transaction that it sends only with the next one (MariaDB's binlog checkpoint: 40 bytes), so they are no reason.
 */
export function isBehind(place: { readonly file: string; readonly position: number }, local: LogFile | null): boolean {
  return !local || local.name !== place.file || place.position - local.bytes > IDLE_NOTE_BYTES;
}

/** Did the server's logs begin anew under a stream that has not noticed? */
export function wasReset(place: { readonly file: string; readonly position: number }, local: LogFile | null): boolean {
  if (!local) return false;
  return fileNumber(place.file) < fileNumber(local.name) || (place.file === local.name && place.position < local.bytes);
}

const IDLE_NOTE_BYTES = 64;
