import type { SwapPair, SwapSince } from "#lib/contract/recovery/swap.ts";
import { asFault } from "#lib/domain/fault/fault.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import { throwIfCancelled } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { type CopyOrigin, readOrigin } from "../copy-origin.ts";
import type { ArchivedSegment } from "../instant/archived-segments.ts";
import { borderOf } from "../instant/find-stop.ts";
import { withSearchFolder } from "../instant/search-folder.ts";
import { searchTransactions } from "../instant/search-transactions.ts";
import { sumChanges } from "../instant/sum-changes.ts";
import { surveyArchive } from "../instant/survey.ts";

/** Transactions that are told one by one, for each schema. */
const MOST_TRANSACTIONS = 20;

/**
 * What the archive tells of transactions that changed the schemas in use behind the place that their copies stand for: these are in no row of the copy. Schemas that no restore of this
 * host has made a copy of, and servers without an archive that reaches from there, are left out. Never fails but by cancelling: a plan is worth something without it.
 */
export async function writtenSince(host: HostRuntime, server: string, pairs: readonly SwapPair[], signal: AbortSignal): Promise<SwapSince[]> {
  const origins = pairs.flatMap(({ live, restored }) => {
    const origin = readOrigin(host.folders, server, restored);
    return origin?.of === live ? [origin] : [];
  });
  if (origins.length === 0) return [];
  const destinations = openDestinations(host, host.settings.destinations.map(({ name }) => name));
  try {
    const told: SwapSince[] = [];
    for (const origin of origins) told.push(...(await sinceOf(host, destinations, origin, signal)));
    return told;
  } catch (error) {
    throwIfCancelled(signal);
    host.log.warn({ server, fault: asFault(error).code }, "what was written since the restore cannot be told by transaction");
    return [];
  } finally {
    await Promise.allSettled(destinations.map((destination) => destination.close()));
  }
}

async function sinceOf(host: HostRuntime, destinations: readonly Destination[], { server, of: schema, setId, place }: CopyOrigin, signal: AbortSignal): Promise<SwapSince[]> {
  const { segments: indexes, window } = await surveyArchive(host, destinations, server, { setId });
  const files = (window.reaches.find(({ point }) => point === setId)?.files ?? []).flatMap((index) => indexes.get(index) ?? []);
  const segments = files.slice(files.findIndex(({ index }) => index.file === place.file));
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
