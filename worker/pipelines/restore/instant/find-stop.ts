import type { ArchivedTransaction } from "#lib/contract/archive/transaction.ts";
import type { BorderTransaction, ReplayBoundary, WantedInstant } from "#lib/contract/recovery/instant.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { isHeartbeat } from "#lib/domain/archive/heartbeat.ts";
import { formatGtidSet, isSubset, parseGtidSet, subtract, unite } from "#lib/domain/binlog/gtid-set.ts";
import { mariadbPosition } from "#lib/domain/recovery/mariadb-position.ts";
import { type HostRuntime, heartbeatSchema } from "#worker/host/runtime.ts";
import type { StoredSet } from "#worker/pipelines/catalog/read-set.ts";
import type { ArchivedSegment } from "./archived-segments.ts";
import { changesText, mostTelling, transactionsOf } from "./archived-transactions.ts";
import type { InstantRequest } from "./instant-request.ts";
import { sumChanges } from "./sum-changes.ts";

/** Of the transactions at the border: they are part of plans, and of what is asked for. */
const TOLD = { tables: 5, statements: 3, characters: 200 } as const;

export interface StopSearch {
  readonly set: StoredSet;
  /** Without a gap, the first holds the full's coordinate. Not empty. */
  readonly segments: readonly ArchivedSegment[];
  readonly request: InstantRequest;
  /** For opened files; each is removed after it was read. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** `before`: the instant lies before this full. `behind`: not in what can be reached from it. */
export type FoundStop = { readonly kind: "found"; readonly boundary: ReplayBoundary } | { readonly kind: "before" | "behind" };

/** Looks the instant up behind a full: by the descriptions first, then in the one file that holds it. */
export async function findStop(host: HostRuntime, search: StopSearch): Promise<FoundStop> {
  const { segments, request, set } = search;
  const { wanted } = request;
  const from = Number(set.signed.manifest.coordinate?.position ?? 0);
  for (const [number, segment] of segments.entries()) {
    const last = number === segments.length - 1;
    if (!last && !mayHold(segment, wanted)) continue;
    const transactions = await transactionsOf(host, segment, search);
    const own = transactions.filter(({ start }) => number > 0 || start >= from);
    const at = cutIndex(own, wanted, segment);
    if (at === null) {
      if (number === 0 && transactions.some((transaction) => isNamed(transaction, wanted))) return { kind: "before" };
      if (!last || wanted.kind !== "time") continue;
    }
    const boundary = boundaryAt(search, { number, own, at: at ?? own.length, heartbeats: heartbeatSchema(host) });
    const changes = await sumChanges(host, { ...search, from, stop: { number, position: Number(boundary.stop.position) }, skip: request.skip });
    return { kind: "found", boundary: { ...boundary, changes } };
  }
  if (wanted.kind === "position" && segments.every(({ index }) => index.file > wanted.file)) return { kind: "before" };
  return { kind: isBefore(set, wanted) ? "before" : "behind" };
}

interface Cut {
  /** Of the file, among those of the search. */
  readonly number: number;
  /** Transactions of that file behind the full, and how many of them are in. */
  readonly own: readonly ArchivedTransaction[];
  readonly at: number;
  /** Schema of heartbeats: they are nobody's loss, and tell nobody where the cut lies. */
  readonly heartbeats: string | null;
}

function boundaryAt({ segments, set, request }: StopSearch, { number, own, at, heartbeats }: Cut): ReplayBoundary {
  const { coordinate, server } = set.signed.manifest;
  const used = segments.slice(0, number + 1);
  const segment = used.at(-1) as ArchivedSegment;
  const [included, excluded] = [own.slice(0, at), own[at]];
  const start = number === 0 ? Number(coordinate?.position) : 4;
  const stop = excluded?.start ?? included.at(-1)?.end ?? Math.max(start, number === 0 ? start : (segment.index.content.endPosition));
  const gtids = coordinate?.gtidSet ?? null;
  const expected = gtids === null ? null : server.flavor === "mysql" ? mysqlExpected(gtids, segment, included, request.skip) : mariadbPosition(gtids, used.slice(0, -1).map(({ index }) => index.content.gtids ?? ""), included.map(({ gtid }) => gtid ?? ""));
  const behind = segments.slice(number + 1).reduce((sum, { index: { content } }) => sum + content.transactions - (content.heartbeats?.count ?? 0), 0);
  const isSomebodys = (transaction: ArchivedTransaction): boolean => !isHeartbeat(transaction, heartbeats);
  const lost = own.slice(at).filter(isSomebodys);
  return {
    wanted: request.wanted,
    segments: used.map(({ key, index }) => ({ key, file: index.file, bytes: index.plain.bytes, sha256: index.plain.sha256 })),
    stop: { position: String(stop), ...(excluded?.gtid && server.flavor === "mysql" ? { beforeGtid: excluded.gtid } : {}) },
    expectedGtids: expected,
    skip: [...request.skip],
    lastIncluded: border(included.findLast(isSomebodys) ?? included.at(-1)),
    firstExcluded: border(lost[0] ?? excluded),
    lostTransactions: lost.length + behind + request.skip.length,
  };
}

function mysqlExpected(full: string, segment: ArchivedSegment, included: readonly ArchivedTransaction[], skip: readonly string[]): string {
  const [before, names] = [segment.index.content.previousGtids ?? "", included.flatMap(({ gtid }) => (gtid === null ? [] : [gtid]))];
  const reached = unite(parseGtidSet(full), parseGtidSet(before), parseGtidSet(names.join(",")));
  const strange = skip.filter((gtid) => !isSubset(parseGtidSet(gtid), subtract(reached, parseGtidSet(full))));
  if (strange.length > 0) throw new Fault("INPUT_INVALID", { params: { fields: `skip: ${strange.join(", ")} does not lie between the full and the instant` } });
  return formatGtidSet(reached);
}

/** Index of the first transaction that is left out; null when this file does not hold the cut. */
function cutIndex(own: readonly ArchivedTransaction[], wanted: WantedInstant, { index }: ArchivedSegment): number | null {
  const at = (found: number): number | null => (found < 0 ? null : found);
  if (wanted.kind === "time") return at(own.findIndex(({ committedAt }) => BigInt(committedAt) > BigInt(wanted.at)));
  if (wanted.kind === "before") return at(own.findIndex((transaction) => isNamed(transaction, wanted)));
  if (wanted.kind === "after") {
    const found = own.findIndex((transaction) => isNamed(transaction, wanted));
    return found < 0 ? null : found + 1;
  }
  if (index.file !== wanted.file || wanted.position > index.content.endPosition) return null;
  const found = own.findIndex(({ end }) => end > wanted.position);
  const cut = own[found];
  // Moved to either side of it, the result would be another instant than was asked for.
  if (cut && cut.start < wanted.position) {
    const reason = `this position lies inside transaction ${cut.gtid ?? ""} (${changesText(cut)})`;
    throw new Fault("INSTANT_UNREACHABLE", { params: { instant: `${wanted.file}:${wanted.position}`, reason, nearest: `${wanted.file}:${cut.start} (before it), ${wanted.file}:${cut.end} (after it)` } });
  }
  return found < 0 ? own.length : found;
}

function isNamed({ gtid }: ArchivedTransaction, wanted: WantedInstant): boolean {
  return (wanted.kind === "before" || wanted.kind === "after") && gtid !== null && gtid.toLowerCase() === wanted.gtid.trim().toLowerCase();
}

/** Could the cut lie in this file, by its description? */
function mayHold({ index }: ArchivedSegment, wanted: WantedInstant): boolean {
  const { latestCommitAt, gtids } = index.content;
  if (wanted.kind === "time") return latestCommitAt !== null && BigInt(latestCommitAt) > BigInt(wanted.at);
  if (wanted.kind === "position") return index.file === wanted.file;
  return gtids !== null && (index.flavor === "mariadb" || isSubset(parseGtidSet(wanted.gtid), parseGtidSet(gtids)));
}

function isBefore({ signed }: StoredSet, wanted: WantedInstant): boolean {
  const { coordinate, server } = signed.manifest;
  if (wanted.kind === "position") return coordinate !== null && (wanted.file < coordinate.file || (wanted.file === coordinate.file && wanted.position < Number(coordinate.position)));
  return wanted.kind !== "time" && server.flavor === "mysql" && typeof coordinate?.gtidSet === "string" && isSubset(parseGtidSet(wanted.gtid), parseGtidSet(coordinate.gtidSet));
}

function border(transaction: ArchivedTransaction | undefined): BorderTransaction | null {
  return transaction ? borderOf(transaction) : null;
}

/** A transaction as plans tell of it. */
export function borderOf(transaction: ArchivedTransaction): BorderTransaction {
  const { gtid, committedAt, file, start } = transaction;
  return { gtid, committedAt, file, position: start, what: changesText(transaction), did: mostTelling(transaction, TOLD) };
}
