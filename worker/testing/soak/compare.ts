import type { WantedInstant } from "#lib/contract/recovery/instant.ts";
import { type Entry, orderOf } from "./ledger.ts";

/** What stands in a restored copy. */
export interface Restored {
  readonly entries: ReadonlySet<number>;
  readonly balances: ReadonlyMap<number, number>;
}

/**
 * Everything in which a restored copy contradicts the ledger; empty = no transaction is missing, none is there that must not be, none is half there.
 * A transaction whose answer was lost with the connection has no GTID: it must stand where its times allow.
 * @param wholeSeconds the server's log knows commit times to the second only (MariaDB)
 */
export function contradictions(ledger: readonly Entry[], wanted: WantedInstant, restored: Restored, wholeSeconds: boolean): string[] {
  const named = ledger.filter((entry): entry is Entry & { gtid: string } => entry.gtid !== null).sort((a, b) => orderOf(a.gtid) - orderOf(b.gtid));
  const cut = cutOf(named, wanted, restored);
  const found: string[] = [];
  for (const entry of ledger) {
    const here = restored.entries.has(entry.n);
    const must = entry.gtid === null ? placeOfUnnamed(named, entry, cut) : orderOf(entry.gtid) <= cut;
    if (must !== null && here !== must) found.push(`transaction ${entry.n} (${entry.gtid ?? "no answer"}) is ${here ? "there and must not be" : "missing"}`);
    if (wanted.kind === "time") {
      const at = BigInt(wanted.at);
      if (!here && entry.doneAt !== null && BigInt(entry.doneAt + 1) * 1000n <= at) found.push(`transaction ${entry.n} was confirmed before the instant and is missing`);
      const earliest = wholeSeconds ? Math.floor(entry.sentAt / 1000) * 1000 : entry.sentAt;
      if (here && BigInt(earliest) * 1000n > at) found.push(`transaction ${entry.n} was sent after the instant and is there`);
    }
  }
  const known = new Set(ledger.map(({ n }) => n));
  for (const n of restored.entries) if (!known.has(n)) found.push(`transaction ${n} is there and was never committed`);
  const sums = balancesOf(ledger.filter(({ n }) => restored.entries.has(n)));
  for (const [account, balance] of restored.balances) if (balance !== (sums.get(account) ?? 0)) found.push(`account ${account} holds ${balance} instead of ${sums.get(account) ?? 0}: half a transaction`);
  return found;
}

/** The last place in the log that must be there. By time, nobody but the server knows it: what is there must be all that lies before its last. */
function cutOf(named: readonly (Entry & { gtid: string })[], wanted: WantedInstant, { entries }: Restored): number {
  if (wanted.kind === "after") return orderOf(wanted.gtid);
  if (wanted.kind === "before") return orderOf(wanted.gtid) - 1;
  return named.reduce((last, { n, gtid }) => (entries.has(n) ? Math.max(last, orderOf(gtid)) : last), 0);
}

/** Must a transaction without a GTID be there? Null where both would be right: it was on its way when the last one before the cut was. */
function placeOfUnnamed(named: readonly (Entry & { gtid: string })[], entry: Entry, cut: number): boolean | null {
  const before = named.filter(({ doneAt }) => doneAt !== null && doneAt < entry.sentAt).at(-1);
  if (before && orderOf(before.gtid) >= cut) return false;
  const behind = named.find(({ sentAt }) => entry.doneAt !== null && sentAt > entry.doneAt);
  return behind && orderOf(behind.gtid) <= cut ? true : null;
}

function balancesOf(entries: readonly Entry[]): Map<number, number> {
  const sums = new Map<number, number>();
  for (const { payer, payee, amount } of entries) {
    sums.set(payer, (sums.get(payer) ?? 0) - amount);
    sums.set(payee, (sums.get(payee) ?? 0) + amount);
  }
  return sums;
}
