import type { WantedInstant } from "#lib/contract/recovery/instant.ts";
import { instantText } from "#worker/pipelines/restore/instant/instant-request.ts";
import { resolveInstant } from "#worker/pipelines/restore/instant/resolve-instant.ts";
import { planRestore, runRestore } from "#worker/pipelines/restore/index.ts";
import { contradictions } from "./compare.ts";
import { SOAK_SCHEMA } from "./load.ts";
import { presentEntries, query, type Soaked } from "./soak.ts";

const COPY = "soak_then";

/** One restored instant and how it compares. */
export interface RestoredInstant {
  readonly instant: string;
  /** Transactions of the load that are there. */
  readonly transactions: number;
  readonly seconds: number;
  /** Key of the last archived file that it needed. */
  readonly lastKey: string;
  /** Empty = exactly what the ledger says. */
  readonly contradictions: readonly string[];
}

/** Restores, through plan and run, to one instant, else one chosen by the seed: by time, just before a transaction or just after one; compares it with the ledger. */
export async function restoreInstant(soaked: Soaked, wanted = chooseInstant(soaked)): Promise<RestoredInstant> {
  const { live, ledger, flavor } = soaked;
  const began = performance.now();
  const { setId, boundary } = await resolveInstant(live.host, { server: "db", wanted, skip: [] }, new AbortController().signal);
  const planned = await planRestore(live.host, {
    setId, server: "db", boundary,
    scope: { kind: "schemas", schemas: [SOAK_SCHEMA] },
    target: { kind: "beside", server: "db", names: { [SOAK_SCHEMA]: COPY }, leaveOutReferencing: false },
  });
  if (!planned.ok) throw new Error(`${instantText(wanted)}: ${JSON.stringify(planned.faults)}`);
  const end = await live.run((context) => runRestore(context, live.host, planned.plan));
  if (end.fault) throw new Error(`${instantText(wanted)}: ${JSON.stringify(end.fault)}`);
  try {
    const entries = await presentEntries(soaked.access(), COPY);
    const rows = await query(soaked.access(), `SELECT id, balance FROM ${COPY}.accounts`);
    const balances = new Map(rows.map(({ id, balance }) => [Number(id), Number(balance)]));
    return { instant: instantText(wanted), transactions: entries.size, seconds: (performance.now() - began) / 1000, lastKey: boundary.segments.at(-1)?.key ?? "", contradictions: contradictions(ledger.committed(), wanted, { entries, balances }, flavor === "mariadb") };
  } finally {
    await query(soaked.access(), "SET SESSION sql_log_bin = 0", `DROP DATABASE ${COPY}`);
  }
}

/** Anywhere between the first and the last transaction; on MariaDB not by a time in the second in which the load ended, which the log cannot tell apart. */
function chooseInstant({ chance, ledger }: Soaked): WantedInstant {
  const entries = ledger.committed();
  const named = entries.flatMap(({ gtid }) => gtid ?? []);
  const kind = chance.of(["time", "time", "before", "after"] as const);
  if (kind !== "time") return { kind, gtid: chance.of(named) };
  const [first, last] = [entries[0]?.doneAt ?? 0, Math.max(...entries.map(({ sentAt }) => sentAt))];
  const at = BigInt(first) * 1000n + BigInt(chance.below(Math.max(1, (last - first) * 1000)));
  return { kind: "time", at: String(at) };
}
