import { formatGtidSet, parseGtidSet, subtract, unite } from "./gtid-set.ts";
import { advance, follows, formatMariadbGtids, parseMariadbGtids } from "./mariadb-gtid.ts";

/** What the chain needs to know of an archived binary log file; its index says it. */
export interface ChainFile {
  readonly flavor: "mysql" | "mariadb";
  readonly serverUuid: string;
  /** Counts up when the server begins its logs anew. */
  readonly epoch: number;
  readonly file: string;
  readonly number: number;
  readonly archivedAt: string;
  readonly content: {
    readonly endPosition: number;
    readonly previousGtids: string | null;
    readonly gtids: string | null;
    readonly latestCommitAt: string | null;
    readonly end: { readonly kind: "rotated"; readonly next: string } | { readonly kind: "stopped" | "torn" | "open" };
  };
  readonly plain: { readonly bytes: number; readonly sha256: string };
}

/**
 * Why two files do not follow each other. `missing-files`: numbers between them. `other-next`: the rotation names another file.
 * `unfinished`: only the begin of the first is there. `missing-transactions`: the second knows GTIDs that nothing before it holds.
 * `lost-transactions`: the first holds GTIDs that the server forgot (a crash with sync_binlog other than 1). `conflict`: two whole files
 * with different bytes bear the first's name. `short`: the file is shorter than what was read of it.
 */
export type BreakReason = "missing-files" | "other-next" | "unfinished" | "missing-transactions" | "lost-transactions" | "conflict" | "short";

export interface ChainBreak<F extends ChainFile> {
  readonly after: F;
  readonly before: F;
  readonly reason: BreakReason;
  /** File names or GTIDs that the reason is about. */
  readonly about: string;
}

/** The files of one server between two beginnings of its logs: stretches without a hole, and a break between each two. */
export interface Timeline<F extends ChainFile> {
  readonly serverUuid: string;
  readonly epoch: number;
  readonly stretches: readonly (readonly F[])[];
  readonly breaks: readonly ChainBreak<F>[];
}

/**
 * Orders archived files into timelines and proves which follow each other: numbers without a hole, the rotation names the next file, and
 * where GTIDs are known what the next file knows is exactly what this one knew and added. Of a file that is there as begin and as whole, the
 * whole counts. Without GTIDs a file that ends without rotation (crash, stop) is followed by the next number: nothing can prove more.
 */
export function chain<F extends ChainFile>(files: readonly F[]): Timeline<F>[] {
  const groups = Map.groupBy(files, ({ serverUuid, epoch }) => `${serverUuid} ${epoch}`);
  const timelines = [...groups.values()].map((group): Timeline<F> => {
    const { serverUuid, epoch } = group[0] as F;
    return { serverUuid, epoch, ...stretchesOf(group) };
  });
  return timelines.sort((one, other) => compare(one.serverUuid, other.serverUuid) || one.epoch - other.epoch);
}

function stretchesOf<F extends ChainFile>(files: readonly F[]): Pick<Timeline<F>, "stretches" | "breaks"> {
  const numbers = [...Map.groupBy(files, ({ number }) => number).entries()].sort(([one], [other]) => one - other);
  const stretches: F[][] = [];
  const breaks: ChainBreak<F>[] = [];
  let previous: { best: F; conflict: boolean } | undefined;
  for (const [, copies] of numbers) {
    const next = best(copies);
    const why = previous && breakBetween(previous, next.best);
    if (previous && why) breaks.push({ after: previous.best, before: next.best, ...why });
    if (!previous || why) stretches.push([]);
    stretches.at(-1)?.push(next.best);
    previous = next;
  }
  return { stretches, breaks };
}

/** The most complete of the copies of a file. */
function best<F extends ChainFile>(copies: readonly F[]): { best: F; conflict: boolean } {
  const whole = copies.filter(({ content }) => content.end.kind === "rotated" || content.end.kind === "stopped");
  const among = whole.length > 0 ? whole : copies;
  const longest = among.reduce((one, other) => (other.content.endPosition > one.content.endPosition ? other : one));
  return { best: longest, conflict: new Set(whole.map(({ plain }) => plain.sha256)).size > 1 };
}

function breakBetween({ best: one, conflict }: { best: ChainFile; conflict: boolean }, next: ChainFile): { reason: BreakReason; about: string } | undefined {
  const { end } = one.content;
  if (conflict) return { reason: "conflict", about: one.file };
  if (one.plain.bytes < one.content.endPosition) return { reason: "short", about: one.file };
  if (next.number !== one.number + 1) return { reason: "missing-files", about: numbersBetween(one, next) };
  if (end.kind === "open") return { reason: "unfinished", about: one.file };
  if (end.kind === "rotated" && end.next !== next.file) return { reason: "other-next", about: end.next };
  return one.flavor === "mysql" ? mysqlBreak(one, next) : mariadbBreak(one, next);
}

/** Anonymous transactions have no GTID and change no set: the equation holds with GTIDs off, too. */
function mysqlBreak({ content }: ChainFile, next: ChainFile): { reason: BreakReason; about: string } | undefined {
  const known = unite(parseGtidSet(content.previousGtids ?? ""), parseGtidSet(content.gtids ?? ""));
  const expected = parseGtidSet(next.content.previousGtids ?? "");
  const missing = subtract(expected, known);
  if (missing.size > 0) return { reason: "missing-transactions", about: formatGtidSet(missing) };
  const lost = subtract(known, expected);
  return lost.size > 0 ? { reason: "lost-transactions", about: formatGtidSet(lost) } : undefined;
}

function mariadbBreak({ content }: ChainFile, next: ChainFile): { reason: BreakReason; about: string } | undefined {
  if (content.previousGtids === null || content.gtids === null || next.content.previousGtids === null) return undefined;
  const known = advance(parseMariadbGtids(content.previousGtids), parseMariadbGtids(content.gtids));
  const expected = parseMariadbGtids(next.content.previousGtids);
  if (follows(known, expected)) return undefined;
  const ahead = new Map([...expected].filter(([key, sequence]) => sequence > (known.get(key) ?? -1n)));
  if (ahead.size > 0) return { reason: "missing-transactions", about: `up to ${formatMariadbGtids(ahead)}` };
  const behind = new Map([...known].filter(([key, sequence]) => sequence !== expected.get(key)));
  return { reason: "lost-transactions", about: formatMariadbGtids(behind) };
}

function numbersBetween(one: ChainFile, next: ChainFile): string {
  const name = (number: number): string => `${one.file.replace(/\.\d+$/, "")}.${String(number).padStart(6, "0")}`;
  const [first, last] = [name(one.number + 1), name(next.number - 1)];
  return first === last ? first : `${first} – ${last}`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
