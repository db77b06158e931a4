import { rmSync } from "node:fs";
import { join } from "node:path";
import { transactionQuery, type TransactionSearchResult } from "#lib/contract/archive/transaction-search.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import { archivedSegments } from "#worker/pipelines/restore/instant/archived-segments.ts";
import { searchTransactions } from "#worker/pipelines/restore/instant/search-transactions.ts";
import { filesUnder } from "#worker/testing/fault-scene.ts";
import type { LiveHost } from "#worker/testing/live-host.ts";

const QUERY = transactionQuery.parse({ server: "db" });

/**
 * «Who dropped that table» over all that is archived: with no list of transactions anywhere (each binary log is fetched, opened and read), with those at the destinations, and with
 * those on this disk. Seconds per GB of binary log for the first two, milliseconds for the last.
 */
export async function benchDangers(live: LiveHost, say: (text: string) => void): Promise<Record<string, number>> {
  const bytes = await archivedBytes(live);
  const lists = join(live.host.folders.archive, "db", "transactions");
  rmSync(lists, { recursive: true, force: true });
  const fetched = await search(live);
  rmSync(lists, { recursive: true, force: true });
  for (const at of ["one", "two"] as const) for (const path of filesUnder(live.destination(at))) if (path.endsWith(".transactions.zst.gpg")) rmSync(path);
  const built = await search(live);
  const known = await search(live);
  const { files, transactions } = known.result.scanned;
  if (fetched.result.scanned.fetched === 0 || built.result.scanned.built !== files || known.result.scanned.built + known.result.scanned.fetched > 0) throw new Error("lists came from elsewhere than what is measured");
  if (known.result.transactions.length === 0) throw new Error("nothing dangerous was found");
  say(`${files} binary logs, ${(bytes / 1e9).toFixed(2)} GB, ${transactions} transactions`);
  const perGb = ({ seconds }: { seconds: number }): number => Math.round((seconds / (bytes / 1e9)) * 100) / 100;
  return { danger_index_s_per_gb: perGb(built), danger_fetch_s_per_gb: perGb(fetched), danger_search_ms: Math.round(known.seconds * 1000), danger_bytes: bytes, danger_transactions: transactions };
}

async function search(live: LiveHost): Promise<{ result: TransactionSearchResult; seconds: number }> {
  const began = performance.now();
  const result = await searchTransactions(live.host, QUERY, new AbortController().signal);
  if (result.unread.length > 0) throw new Error(JSON.stringify(result.unread));
  return { result, seconds: (performance.now() - began) / 1000 };
}

async function archivedBytes(live: LiveHost): Promise<number> {
  const destinations = openDestinations(live.host, ["one"]);
  try {
    return (await archivedSegments(live.host, destinations, "db")).reduce((sum, { index }) => sum + index.plain.bytes, 0);
  } finally {
    await Promise.all(destinations.map((destination) => destination.close()));
  }
}
