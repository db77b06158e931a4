import { Fault } from "../fault/fault.ts";

/** Numbers of transactions from the first to the last, both included. */
export type Interval = readonly [first: bigint, last: bigint];

/**
 * A MySQL GTID set: origin → its intervals, in order, apart from each other by at least one number. An origin is a lower-case uuid, or
 * `uuid:tag` (tags came with MySQL 8.3).
 */
export type GtidSet = ReadonlyMap<string, readonly Interval[]>;

export const EMPTY_GTID_SET: GtidSet = new Map();

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TAG = /^[a-z_][a-z0-9_]{0,31}$/;
const NUMBERS = /^(\d{1,19})(?:-(\d{1,19}))?$/;
const LARGEST = 2n ** 63n - 1n;

/**
 * Reads what servers print: `uuid:1-5:7,uuid2:tag:1`, white space anywhere between its parts, tags after untagged numbers.
 * @throws Fault GTID_INVALID
 */
export function parseGtidSet(text: string): GtidSet {
  const builder = new GtidSetBuilder();
  for (const part of text.split(",")) {
    const [uuid = "", ...rest] = part.split(":").map((piece) => piece.trim().toLowerCase());
    if (uuid === "" && rest.length === 0) continue; // servers print nothing for the empty set, people leave a comma at the end
    if (!UUID.test(uuid)) throw invalid(text, `${uuid || "nothing"} is no uuid`);
    if (rest.length === 0) throw invalid(text, "the number is missing");
    let origin = uuid;
    let open = false;
    for (const piece of rest) {
      const numbers = NUMBERS.exec(piece);
      if (numbers) {
        const first = BigInt(numbers[1] ?? "");
        const last = BigInt(numbers[2] ?? numbers[1] ?? "");
        if (first < 1n || last > LARGEST) throw invalid(text, "numbers begin at 1 and end at 9223372036854775807");
        if (last < first) throw invalid(text, `${piece} runs backwards`);
        builder.add(origin, first, last);
        open = false;
      } else if (TAG.test(piece) && !open) {
        origin = `${uuid}:${piece}`;
        open = true;
      } else throw invalid(text, `${piece || "nothing"} is neither a number nor a tag`);
    }
    if (open) throw invalid(text, "the number after the tag is missing");
  }
  return builder.set();
}

/** Canonical text as MySQL prints it, without line breaks: uuids in order, untagged numbers first, then tags in order. */
export function formatGtidSet(set: GtidSet): string {
  const byUuid = new Map<string, string[]>();
  for (const origin of [...set.keys()].sort()) {
    const [uuid = "", tag] = origin.split(":");
    const numbers = (set.get(origin) ?? []).map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
    if (numbers.length > 0) byUuid.set(uuid, [...(byUuid.get(uuid) ?? []), ...(tag === undefined ? [] : [tag]), ...numbers]);
  }
  return [...byUuid].map(([uuid, parts]) => [uuid, ...parts].join(":")).join(",");
}

/** Every transaction that is in one of them. */
export function unite(...sets: readonly GtidSet[]): GtidSet {
  const builder = new GtidSetBuilder();
  for (const set of sets) for (const [origin, intervals] of set) for (const [first, last] of intervals) builder.add(origin, first, last);
  return builder.set();
}

/** What is in the first and not in the second. */
export function subtract(from: GtidSet, what: GtidSet): GtidSet {
  const left = new Map<string, readonly Interval[]>();
  for (const [origin, intervals] of from) {
    const rest = cut(intervals, what.get(origin) ?? []);
    if (rest.length > 0) left.set(origin, rest);
  }
  return left;
}

/** Is every transaction of the part in the whole? */
export function isSubset(part: GtidSet, whole: GtidSet): boolean {
  return subtract(part, whole).size === 0;
}

export function sameGtids(one: GtidSet, other: GtidSet): boolean {
  return isSubset(one, other) && isSubset(other, one);
}

/** Collects intervals; adding numbers in the order in which a server gives them is cheap. */
export class GtidSetBuilder {
  readonly #origins = new Map<string, [bigint, bigint][]>();

  add(origin: string, first: bigint, last: bigint = first): void {
    const intervals = this.#origins.get(origin);
    if (!intervals) {
      this.#origins.set(origin, [[first, last]]);
      return;
    }
    const end = intervals.at(-1);
    if (!end || first > end[1] + 1n) intervals.push([first, last]);
    else if (first >= end[0]) end[1] = last > end[1] ? last : end[1];
    else insert(intervals, first, last);
  }

  /** The set so far; later additions do not change it. */
  set(): GtidSet {
    return new Map([...this.#origins].map(([origin, intervals]) => [origin, intervals.map(([first, last]): Interval => [first, last])]));
  }
}

/** Puts an interval among others and melts those that it touches. */
function insert(intervals: [bigint, bigint][], first: bigint, last: bigint): void {
  let at = intervals.findIndex((interval) => interval[1] + 1n >= first);
  if (at === -1) at = intervals.length;
  let end = at;
  let [low, high] = [first, last];
  for (let next = intervals[end]; next && next[0] <= high + 1n; next = intervals[++end]) {
    if (next[0] < low) low = next[0];
    if (next[1] > high) high = next[1];
  }
  intervals.splice(at, end - at, [low, high]);
}

function cut(intervals: readonly Interval[], holes: readonly Interval[]): Interval[] {
  const rest: Interval[] = [];
  let hole = 0;
  for (const [first, last] of intervals) {
    let from = first;
    while (hole < holes.length && (holes[hole] as Interval)[1] < from) hole += 1;
    for (let at = hole; from <= last; at += 1) {
      const next = holes[at];
      if (!next || next[0] > last) {
        rest.push([from, last]);
        break;
      }
      if (next[0] > from) rest.push([from, next[0] - 1n]);
      from = next[1] + 1n;
    }
  }
  return rest;
}

function invalid(text: string, message: string): Fault {
  return new Fault("GTID_INVALID", { params: { text: text.slice(0, 120), message } });
}
