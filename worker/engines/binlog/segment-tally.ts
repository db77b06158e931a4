import { isHeartbeat } from "#lib/domain/archive/heartbeat.ts";
import { compareInstants } from "#lib/domain/binlog/recovery-window.ts";
import { type GtidSet, GtidSetBuilder, formatGtidSet } from "#lib/domain/binlog/gtid-set.ts";
import { type MariadbGtids, formatMariadbGtids } from "#lib/domain/binlog/mariadb-gtid.ts";
import type { SegmentContent } from "#lib/contract/archive/segment.ts";
import type { ArchivedTransaction } from "#lib/contract/archive/transaction.ts";

type Counted = Pick<SegmentContent, "transactions" | "statementTransactions" | "previousGtids" | "gtids" | "firstCommitAt" | "lastCommitAt" | "latestCommitAt" | "heartbeats">;

/** Sums up the whole transactions of a file. */
export class SegmentTally {
  previousGtids: GtidSet | undefined;
  previousList: MariadbGtids | undefined;
  /** Position after the last whole transaction, or where the first begins; 0 without any. */
  transactionEnd = 0;
  readonly #gtids = new GtidSetBuilder();
  readonly #list = new Map<string, bigint>();
  #named = false;
  #anonymous = false;
  #counted = 0;
  #statements = 0;
  #first: string | null = null;
  #last: string | null = null;
  #latest: string | null = null;
  /** GTID of the transaction that begins. */
  #next: { readonly mariadb: boolean; readonly origin: string | null; readonly number: bigint } | null = null;
  readonly #heartbeatSchema: string | null;
  #heartbeats: NonNullable<SegmentContent["heartbeats"]> = { count: 0, last: null };

  /** Schema of heartbeats, which are counted apart; null: none are known. */
  constructor(heartbeatSchema: string | null) {
    this.#heartbeatSchema = heartbeatSchema;
  }

  /** GTID of the transaction that begins; it counts when the transaction is whole. */
  nextMysql(origin: string | null, number: bigint): void {
    this.#next = { mariadb: false, origin, number };
  }

  nextMariadb(origin: string, number: bigint): void {
    this.#next = { mariadb: true, origin, number };
  }

  add(transaction: ArchivedTransaction): void {
    this.#count();
    this.#counted += 1;
    if (transaction.statementFormat) this.#statements += 1;
    this.#first ??= transaction.committedAt;
    this.#last = transaction.committedAt;
    if (this.#latest === null || compareInstants(transaction.committedAt, this.#latest) > 0) this.#latest = transaction.committedAt;
    this.transactionEnd = transaction.end;
    if (!isHeartbeat(transaction, this.#heartbeatSchema)) return;
    const { committedAt, start, end } = transaction;
    this.#heartbeats = { count: this.#heartbeats.count + 1, last: { committedAt, start, end } };
  }

  /** MySQL writes an empty set of previous GTIDs where GTIDs are off: null only if anonymous transactions say so. */
  counted(): Counted {
    const previous = this.previousGtids && formatGtidSet(this.previousGtids);
    const off = this.#anonymous && !this.#named;
    const mysql = { previousGtids: previous === "" && off ? null : (previous ?? null), gtids: off || previous === undefined ? null : formatGtidSet(this.#gtids.set()) };
    const gtids = this.previousList ? { previousGtids: formatMariadbGtids(this.previousList), gtids: formatMariadbGtids(this.#list) } : mysql;
    const heartbeats = this.#heartbeatSchema === null ? {} : { heartbeats: this.#heartbeats };
    return { transactions: this.#counted, statementTransactions: this.#statements, ...gtids, ...heartbeats, firstCommitAt: this.#first, lastCommitAt: this.#last, latestCommitAt: this.#latest };
  }

  #count(): void {
    if (!this.#next) return;
    const { mariadb, origin, number } = this.#next;
    if (origin === null) this.#anonymous = true;
    else if (mariadb) this.#list.set(origin, number);
    else {
      this.#named = true;
      this.#gtids.add(origin, number);
    }
  }
}
