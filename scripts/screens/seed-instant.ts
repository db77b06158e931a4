import type { FoundTransaction } from "#lib/contract/archive/transaction-search.ts";
import type { BorderTransaction, ReplayBoundary } from "#lib/contract/recovery/instant.ts";

const UUID = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
const FILE = "binlog.000418";
/** Half past three in the night's work: somebody drops a table. */
export const DROP_GTID = `${UUID}:88214`;

/** A night's mistake as the archive tells of it: what came just before, the DROP, what came behind. @param now ms since 1970 */
export function seededMistake(now: number) {
  const at = (minutesAgo: number): string => String(BigInt(now - minutesAgo * 60_000) * 1000n + 104_217n);
  const touched = (table: string, inserted: number, updated: number, deleted: number) => ({ schema: "gestionelogistica", table, inserted, updated, deleted });
  const drop: BorderTransaction["did"] = { statements: [{ kind: "drop", schema: "gestionelogistica", tables: [{ schema: "gestionelogistica", table: "delivery" }], text: "DROP TABLE `delivery`" }], statementsLeftOut: 0, tables: [], tablesLeftOut: 0 };
  const insert: BorderTransaction["did"] = { statements: [], statementsLeftOut: 0, tables: [touched("delivery", 100, 0, 0), touched("viaggi", 0, 12, 0)], tablesLeftOut: 0 };
  const lastIncluded: BorderTransaction = { gtid: `${UUID}:88213`, committedAt: at(9), file: FILE, position: 48_210_334, what: "gestionelogistica.delivery +100; gestionelogistica.viaggi ~12", did: insert };
  const firstExcluded: BorderTransaction = { gtid: DROP_GTID, committedAt: at(8), file: FILE, position: 48_221_910, what: "DROP TABLE `delivery`", did: drop };
  const sum = { transactions: 318, earliest: at(8), latest: at(0), otherTables: { count: 0, inserted: 0, updated: 0, deleted: 0 }, otherStatements: 0, uncounted: 0, unread: { files: 0, transactions: 0 } };
  const row = (table: string, counts: readonly [number, number, number], transactions: number) => ({ ...touched(table, ...counts), transactions, first: at(8), last: at(0) });
  const lost = { ...sum, tables: [row("viaggi", [0, 1204, 0], 211), row("user_sessions", [88, 88, 61], 104), row("users", [2, 1, 0], 3)], statements: [{ kind: "drop", schema: "gestionelogistica", table: "delivery", count: 1, first: at(8), last: at(8) }] };
  const kept = { ...sum, transactions: 41_876, earliest: at(700), latest: at(9), tables: [row("viaggi", [8210, 31_004, 12], 30_402), row("delivery", [9310, 402, 0], 11_204)], statements: [] };
  const boundary: ReplayBoundary = {
    wanted: { kind: "before", gtid: DROP_GTID },
    segments: [416, 417, 418].map((number) => ({ key: `gestionelogistica/binlog/${UUID}/1/binlog.000${number}.zst.gpg`, file: `binlog.000${number}`, bytes: 104_857_600, sha256: "7f3a91c20b5ed481".repeat(4) })),
    stop: { position: "48221910", beforeGtid: DROP_GTID }, expectedGtids: `${UUID}:1-88213`, skip: [], lastIncluded, firstExcluded, lostTransactions: 318, changes: { kept, lost },
  };
  const found = (of: BorderTransaction, dangers: FoundTransaction["dangers"], user: string | null): FoundTransaction => ({ ...(of.did ?? { statements: [], statementsLeftOut: 0, tables: [], tablesLeftOut: 0 }), gtid: of.gtid, committedAt: of.committedAt, file: of.file, start: of.position, end: of.position + 187, bytes: 187, user, uncountedRowEvents: 0, statementFormat: false, xa: null, serverUuid: UUID, epoch: 1, dangers });
  const cleared: BorderTransaction = { gtid: `${UUID}:87102`, committedAt: at(190), file: FILE, position: 31_004_120, what: "gestionelogistica.user_sessions -40211", did: { statements: [], statementsLeftOut: 0, tables: [touched("user_sessions", 0, 0, 40_211)], tablesLeftOut: 0 } };
  return { boundary, dangers: [found(firstExcluded, ["drop"], "gestione@10.0.0.12"), found(cleared, ["many-deleted"], null)], lost, transactions: [firstExcluded, { ...lastIncluded, gtid: `${UUID}:88215`, committedAt: at(7), position: 48_222_097, did: { ...insert, tables: [touched("viaggi", 0, 7, 0)] } }] };
}
