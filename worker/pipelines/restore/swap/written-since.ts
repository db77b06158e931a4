import type { BinlogPlace } from "#lib/contract/archive/status.ts";
import type { SwapRequest, SwapSince } from "#lib/contract/recovery/swap.ts";
import { recoveryWindow } from "#lib/domain/binlog/recovery-window.ts";
import { asFault } from "#lib/domain/fault/fault.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import { throwIfCancelled } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { readOrigin } from "../copy-origin.ts";
import { type ArchivedSegment, archivedSegments } from "../instant/archived-segments.ts";
import { borderOf } from "../instant/find-stop.ts";
import { withSearchFolder } from "../instant/search-folder.ts";
import { searchTransactions } from "../instant/search-transactions.ts";
import { sumChanges } from "../instant/sum-changes.ts";
import { surveyArchive } from "../instant/survey.ts";
import { readRecord } from "./swap-record.ts";

/** Transactions that are told one by one, for each schema. */
const MOST_TRANSACTIONS = 20;

/** A schema in use, and the place in the log behind which what was written to it is not in what takes its place. */
interface Origin {
  readonly schema: string;
  readonly place: BinlogPlace;
  /** The archived files that the place begins, in order; empty where the archive does not reach from there. */
  files(destinations: readonly Destination[]): Promise<readonly ArchivedSegment[]>;
}

/**
 * What the archive tells of transactions that changed the schemas in use behind the place that their copies stand for, on a way back behind that of the swap: these are in no row of what takes their place. Schemas that
 * no restore of this host has made a copy of, and servers without an archive that reaches from there, are left out. Never fails but by cancelling: a plan is worth something without it.
 */
export async function writtenSince(host: HostRuntime, request: SwapRequest, signal: AbortSignal): Promise<SwapSince[]> {
  const { server, undoes } = request;
  const origins = undoes === undefined ? originsOfCopies(host, request) : originsOfSwap(host, request, undoes);
  if (origins.length === 0) return [];
  const destinations = openDestinations(host, host.settings.destinations.map(({ name }) => name));
  try {
    const told: SwapSince[] = [];
    for (const origin of origins) told.push(...(await sinceOf(host, destinations, { server, ...origin }, signal)));
    return told;
  } catch (error) {
    throwIfCancelled(signal);
    host.log.warn({ server, fault: asFault(error).code }, "what was written since the restore cannot be told by transaction");
    return [];
  } finally {
    await Promise.allSettled(destinations.map((destination) => destination.close()));
  }
}

function originsOfCopies(host: HostRuntime, { server, pairs }: SwapRequest): Origin[] {
  return pairs.flatMap(({ live, restored }): Origin[] => {
    const origin = readOrigin(host.folders, server, restored);
    if (origin?.of !== live) return [];
    const { setId, place } = origin;
    const files = async (destinations: readonly Destination[]): Promise<readonly ArchivedSegment[]> => {
      const { segments, window } = await surveyArchive(host, destinations, server, { setId });
      return (window.reaches.find(({ point }) => point === setId)?.files ?? []).flatMap((index) => segments.get(index) ?? []);
    };
    return [{ schema: live, place, files }];
  });
}

function originsOfSwap(host: HostRuntime, { server, pairs }: SwapRequest, undoes: string): Origin[] {
  const { place, at } = readRecord(host.folders, undoes);
  if (!place) return [];
  const { log, file, position } = place;
  const files = async (destinations: readonly Destination[]): Promise<readonly ArchivedSegment[]> => {
    const segments = new Map((await archivedSegments(host, destinations, server)).map((segment) => [segment.index, segment]));
    const point = { id: undoes, takenAt: String(BigInt(Date.parse(at)) * 1000n), serverUuid: log, coordinate: { file, position: String(position), gtidSet: null } };
    return (recoveryWindow([point], [...segments.keys()]).reaches[0]?.files ?? []).flatMap((index) => segments.get(index) ?? []);
  };
  return pairs.map(({ live }) => ({ schema: live, place: { file, position }, files }));
}

async function sinceOf(host: HostRuntime, destinations: readonly Destination[], { server, schema, place, files }: Origin & { readonly server: string }, signal: AbortSignal): Promise<SwapSince[]> {
  const all = await files(destinations);
  const segments = all.slice(all.findIndex(({ index }) => index.file === place.file));
  const [first, last] = [segments[0], segments.at(-1)];
  if (first?.index.file !== place.file || !last) return [];
  const { kept, lost } = await withSearchFolder(host, (folder) => sumChanges(host, { segments, from: place.position, stop: { number: 0, position: place.position }, skip: [], folder, signal }));
  const { transactions, truncated } = await searchTransactions(host, { server, schema, dangerousOnly: false, order: "oldest", limit: MOST_TRANSACTIONS, after: placeBefore(first, place.position) }, signal);
  const own = <T extends { schema: string }>(list: readonly T[]): T[] => list.filter((one) => one.schema === schema);
  return [{
    schema,
    from: place,
    to: { file: last.index.file, position: last.index.content.endPosition },
    tables: own(lost.tables),
    statements: own(lost.statements),
    othersLeftOut: lost.otherTables.count + lost.otherStatements,
    // The file of the place itself counts as kept.
    unread: { files: kept.unread.files + lost.unread.files, transactions: kept.unread.transactions + lost.unread.transactions },
    transactions: transactions.map(borderOf),
    more: truncated,
  }];
}

/** A search goes on behind the transaction that it is told: with this, at the first that begins at the position or later. */
function placeBefore({ index: { serverUuid, epoch, file } }: ArchivedSegment, position: number) {
  return { serverUuid, epoch, file, start: position - 1 };
}
