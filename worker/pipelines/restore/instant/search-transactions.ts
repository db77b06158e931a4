import type { SegmentIndex } from "#lib/contract/archive/segment.ts";
import type { ArchivedTransaction } from "#lib/contract/archive/transaction.ts";
import { type ArchivePlace, type FoundTransaction, MOST_RESULT_BYTES, type TransactionQuery, type TransactionSearchResult } from "#lib/contract/archive/transaction-search.ts";
import { isHeartbeat } from "#lib/domain/archive/heartbeat.ts";
import { mayMatch } from "#lib/domain/binlog/block-summary.ts";
import { type ClockStepBack, isStep, stepsBetween } from "#lib/domain/binlog/clock-steps.ts";
import { type Danger, inTime, matchTransaction } from "#lib/domain/binlog/search-transactions.ts";
import { faultRecord } from "#lib/domain/fault/fault.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import { throwIfCancelled } from "#worker/host/run-context.ts";
import { type HostRuntime, heartbeatSchema, requireServer } from "#worker/host/runtime.ts";
import { type ArchivedSegment, archivedSegments, inLogOrder } from "./archived-segments.ts";
import { mostTelling } from "./archived-transactions.ts";
import { openSegmentIndex } from "./open-segment-index.ts";
import { withSearchFolder } from "./search-folder.ts";

const MOST_STEPS = 20;
const TOLD = { tables: 20, statements: 5, characters: 500 } as const;

/**
 * Transactions of a server's archive that fit a query: bounded, so that the answer can be the result of a job. Files whose list of transactions is not here are fetched or opened,
 * once. Faults CONFIG_UNKNOWN_NAME, DESTINATION_* when no destination answers, CANCELLED. A file that cannot be looked into is named in `unread` and does not end the search.
 */
export async function searchTransactions(host: HostRuntime, query: TransactionQuery, signal: AbortSignal): Promise<TransactionSearchResult> {
  requireServer(host.settings, query.server);
  const destinations = openDestinations(host, query.destination ? [query.destination] : host.settings.destinations.map(({ name }) => name));
  const result: TransactionSearchResult = { transactions: [], truncated: false, next: null, scanned: { files: 0, transactions: 0, fetched: 0, built: 0 }, clockSteps: [], unread: [] };
  try {
    const inOrder = inLogOrder(await archivedSegments(host, destinations, query.server));
    for (const step of stepsBetween(inOrder.map(({ index }) => index))) noteStep(result, step, query);
    const segments = from(query.order === "newest" ? inOrder.reverse() : inOrder, query.after);
    await withSearchFolder(host, async (folder) => {
      for (const segment of segments) {
        throwIfCancelled(signal);
        if (!mayHold(segment.index, query)) continue;
        result.scanned.files += 1;
        try {
          await searchFile(host, segment, { query, folder, signal }, result);
        } catch (error) {
          throwIfCancelled(signal);
          result.unread.push({ file: segment.index.file, fault: faultRecord(error) });
        }
        if (result.truncated) return;
      }
    });
    return result;
  } finally {
    await Promise.allSettled(destinations.map((destination) => destination.close()));
  }
}

/** Adds what one file holds, until there is enough. */
async function searchFile(host: HostRuntime, segment: ArchivedSegment, { query, folder, signal }: { query: TransactionQuery; folder: string; signal: AbortSignal }, result: TransactionSearchResult): Promise<void> {
  const { index, origin } = await openSegmentIndex(host, segment, folder, signal);
  const newestFirst = query.order === "newest";
  const heartbeats = heartbeatSchema(host);
  if (origin !== "local") result.scanned[origin] += 1;
  try {
    for (const block of newestFirst ? index.blocks.toReversed() : index.blocks) {
      result.scanned.transactions += block.summary.transactions;
      for (const step of block.summary.stepsBack) if (isStep(step.from, step.to)) noteStep(result, { ...step, file: segment.index.file }, query);
      if (!mayMatch(block.summary, query)) continue;
      throwIfCancelled(signal);
      const transactions = await block.transactions();
      for (const transaction of newestFirst ? transactions.reverse() : transactions) {
        if (wasShown(segment.index, transaction, query.after, newestFirst)) continue;
        // Thousands of them in a day hide everything else; who asks for their schema gets them.
        if (query.schema !== heartbeats && isHeartbeat(transaction, heartbeats)) continue;
        const dangers = matchTransaction(transaction, query);
        if (dangers && !took(result, shortened(segment.index, transaction, dangers), query.limit)) return;
      }
    }
  } finally {
    await index.close();
  }
}

/** A step that meets the time that is asked for. */
function noteStep({ clockSteps }: TransactionSearchResult, { from, to, file, start }: ClockStepBack, query: TransactionQuery): void {
  if (clockSteps.length < MOST_STEPS && inTime(to, from, query)) clockSteps.push({ from, to, file, start });
}

/** False when there is no room for it: the next page begins with it. */
function took(result: TransactionSearchResult, found: FoundTransaction, limit: number): boolean {
  const last = result.transactions.at(-1);
  const bytes = (sizes.get(result) ?? 0) + Buffer.byteLength(JSON.stringify(found));
  if (last && (result.transactions.length >= limit || bytes > MOST_RESULT_BYTES)) {
    result.truncated = true;
    result.next = { serverUuid: last.serverUuid, epoch: last.epoch, file: last.file, start: last.start };
    return false;
  }
  sizes.set(result, bytes);
  result.transactions.push(found);
  return true;
}

/** Bytes of what was found so far. */
const sizes = new WeakMap<TransactionSearchResult, number>();

/** From the file of a place on; all without one. */
function from(segments: readonly ArchivedSegment[], after: ArchivePlace | undefined): readonly ArchivedSegment[] {
  if (!after) return segments;
  const at = segments.findIndex(({ index }) => index.serverUuid === after.serverUuid && index.epoch === after.epoch && index.file === after.file);
  return at < 0 ? [] : segments.slice(at);
}

/** How early its earliest was, where a clock stepped back, only its list tells: by the description only the end is certain. */
function mayHold({ content: { latestCommitAt } }: SegmentIndex, query: TransactionQuery): boolean {
  return latestCommitAt !== null && inTime("0", latestCommitAt, query);
}

/** Was it on a page before? */
function wasShown(index: SegmentIndex, { start }: ArchivedTransaction, after: ArchivePlace | undefined, newestFirst: boolean): boolean {
  if (after?.serverUuid !== index.serverUuid || after.epoch !== index.epoch || after.file !== index.file) return false;
  return newestFirst ? start >= after.start : start <= after.start;
}

function shortened({ serverUuid, epoch }: SegmentIndex, transaction: ArchivedTransaction, dangers: readonly Danger[]): FoundTransaction {
  return { ...transaction, serverUuid, epoch, dangers: [...dangers], ...mostTelling(transaction, TOLD) };
}
