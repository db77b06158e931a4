/** What one transaction of the load did, as the one who sent it saw it. Times: milliseconds since 1970 on the ledger's own clock. */
export interface Entry {
  readonly n: number;
  readonly payer: number;
  readonly payee: number;
  readonly amount: number;
  /** Before COMMIT was sent: at no earlier time was it committed. */
  readonly sentAt: number;
  /** After the server confirmed it, or, where the connection broke over the COMMIT, when it was first seen in the table; null: not known yet. */
  doneAt: number | null;
  /** `uuid:n`, `0-1-n`; null where the connection broke before the server could say. */
  gtid: string | null;
  /** `lost`: the connection broke and the server never committed it. */
  outcome: "open" | "committed" | "lost";
}

/** Who committed what and when, kept outside the server. */
export class Ledger {
  readonly #entries: Entry[] = [];

  /** Notes a transaction whose COMMIT is sent now. */
  begin(what: Pick<Entry, "n" | "payer" | "payee" | "amount">): Entry {
    const entry: Entry = { ...what, sentAt: Date.now(), doneAt: null, gtid: null, outcome: "open" };
    this.#entries.push(entry);
    return entry;
  }

  /** Says of every transaction without an answer whether the server has it, by the rows that stand there now. Throws when a confirmed one is not there. */
  settle(present: ReadonlySet<number>): void {
    const now = Date.now();
    for (const entry of this.#entries) {
      if (entry.outcome === "open") Object.assign(entry, present.has(entry.n) ? { outcome: "committed", doneAt: now } : { outcome: "lost" });
      if (entry.outcome === "committed" && !present.has(entry.n)) throw new Error(`the server confirmed transaction ${entry.n} and does not have it`);
    }
  }

  /** How many were confirmed so far. */
  get confirmed(): number {
    return this.#entries.reduce((count, { outcome }) => count + (outcome === "committed" ? 1 : 0), 0);
  }

  /** Everything that was committed, whoever knows its GTID. */
  committed(): readonly Entry[] {
    return this.#entries.filter(({ outcome }) => outcome === "committed");
  }
}

/** Place of a transaction in the order of its server's log. */
export function orderOf(gtid: string): number {
  return Number(/(\d+)$/.exec(gtid)?.[1]);
}
