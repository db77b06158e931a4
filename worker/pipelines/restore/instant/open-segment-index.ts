import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { transactionsKey } from "#lib/domain/backup/storage-keys.ts";
import { asFault } from "#lib/domain/fault/fault.ts";
import { readSegment } from "#worker/engines/binlog/read-segment.ts";
import { openIndex, type TransactionIndex } from "#worker/engines/binlog/transaction-index/read-index.ts";
import { IndexWriter } from "#worker/engines/binlog/transaction-index/write-index.ts";
import { throwIfCancelled } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { copiesUntold } from "#worker/pipelines/catalog/any-copy.ts";
import { localIndexPath, trimLocalIndexes } from "#worker/pipelines/archive/local-indexes.ts";
import type { ArchivedSegment } from "./archived-segments.ts";
import { fetchPlain, fetchPlainSegment } from "./plain-segment.ts";

/** `local`: the list lay here. `fetched`: it came from a destination. `built`: the binary log itself was opened. */
export type IndexOrigin = "local" | "fetched" | "built";

/**
 * The transactions of an archived file, to be closed by who opened it: from this disk, else from the sealed list beside the file, else from the file itself. What had to be
 * fetched or built stays on this disk. Faults of fetchPlainSegment and readSegment.
 */
export async function openSegmentIndex(host: HostRuntime, segment: ArchivedSegment, folder: string, signal: AbortSignal): Promise<{ index: TransactionIndex; origin: IndexOrigin }> {
  const { index } = segment;
  const path = localIndexPath(host, index, index.file, index.content.endPosition);
  const local = await openIndex(path).catch(() => null);
  if (local && fits(local, segment)) return { index: local, origin: "local" };
  await local?.close();
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const origin = (await fetched(host, segment, path, signal)) ? "fetched" : "built";
  if (origin === "built") await build(host, segment, path, { folder, signal });
  trimLocalIndexes(host, index.server, path);
  return { index: await openIndex(path), origin };
}

function fits({ header, endPosition }: TransactionIndex, { index }: ArchivedSegment): boolean {
  return header.file === index.file && header.serverUuid === index.serverUuid && header.epoch === index.epoch && endPosition === index.content.endPosition;
}

/** Brings the sealed list here; false where there is none that can be had. The file itself has the last word, and its faults are told. */
async function fetched(host: HostRuntime, segment: ArchivedSegment, path: string, signal: AbortSignal): Promise<boolean> {
  const { transactions, recipients, file } = segment.index;
  if (!transactions) return false;
  try {
    await fetchPlain(host, { key: transactionsKey(segment.key), indexKey: null, recipients, ...transactions, destinations: segment.destinations }, path, signal, copiesUntold(host));
    const index = await openIndex(path);
    await index.close();
    if (fits(index, segment)) return true;
    host.log.warn({ file }, "list of transactions is of another file");
  } catch (error) {
    throwIfCancelled(signal);
    host.log.warn({ file, fault: asFault(error).code }, "list of transactions cannot be fetched");
  }
  await rm(path, { force: true });
  return false;
}

async function build(host: HostRuntime, segment: ArchivedSegment, path: string, { folder, signal }: { folder: string; signal: AbortSignal }): Promise<void> {
  const { index } = segment;
  const plain = join(folder, index.file);
  await fetchPlainSegment(host, segment, plain, signal);
  const { server, serverUuid, epoch, file, flavor } = index;
  const writer = new IndexWriter(path, { server, serverUuid, epoch, file });
  try {
    await readSegment(plain, { flavor, signal, onTransaction: (transaction) => writer.add(transaction) });
    writer.finish(index.content.endPosition, path);
  } catch (error) {
    writer.abort();
    throw error;
  } finally {
    await rm(plain, { force: true });
  }
}
