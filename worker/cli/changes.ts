import type { ChangeSum, CutChanges } from "#lib/contract/recovery/changes.ts";
import { timeText } from "#worker/pipelines/restore/instant/instant-request.ts";

/** By table, for people: what a restore to an instant brings back out of the archive, and what is lost. */
export function changeLines({ kept, lost }: CutChanges): string[] {
  return [...sumLines("replayed", kept), ...sumLines("LOST", lost)];
}

function sumLines(label: string, sum: ChangeSum): string[] {
  const { unread, otherTables, tables, statements, uncounted, otherStatements } = sum;
  const when = sum.earliest === null || sum.latest === null ? "" : `, ${between(sum.earliest, sum.latest)}`;
  return [
    `${label}: ${sum.transactions} transactions${when}`,
    ...statements.map(({ kind, schema, table, count, first, last }) => `  ${kind}${schema === "" ? "" : ` ${schema}.${table}`}${count > 1 ? ` ×${count}` : ""}  ${between(first, last)}`),
    ...tables.map(({ schema, table, first, last, ...rows }) => `  ${schema}.${table}  ${rowsText(rows)}  ${between(first, last)}`),
    ...(otherTables.count > 0 ? [`  ${otherTables.count} other tables  ${rowsText(otherTables)}`] : []),
    ...(otherStatements > 0 ? [`  ${otherStatements} other statements`] : []),
    ...(uncounted > 0 ? [`  rows of ${uncounted} changes cannot be counted`] : []),
    ...(unread.files > 0 ? [`  besides, not by table: ${unread.files} files with ${unread.transactions} transactions, whose lists could not be had in time`] : []),
  ];
}

function rowsText({ inserted, updated, deleted }: { readonly inserted: number; readonly updated: number; readonly deleted: number }): string {
  return `+${inserted} ~${updated} -${deleted} rows`;
}

function between(first: string, last: string): string {
  const [from, to] = [timeText(BigInt(first)), timeText(BigInt(last))];
  return from === to ? from : `${from} – ${to}`;
}
