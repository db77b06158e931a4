import { restoreInstant } from "#worker/testing/soak/restore-instants.ts";
import { soak } from "#worker/testing/soak/soak.ts";
import { median } from "../report.ts";

/** Transactions before each disturbance, on average. */
const TRANSACTIONS = 1500;
const DISTURBANCES = 12;

/** The soak test at length: load, kills at random, then so many restores to random instants, each compared with the ledger. Throws at the first contradiction. */
export async function benchSoak(instants: number, seed: number, say: (text: string) => void): Promise<Record<string, unknown>> {
  say(`seed ${seed}`);
  const soaked = await soak({ flavor: "mysql", seed, transactions: TRANSACTIONS, disturbances: DISTURBANCES, say });
  try {
    const seconds: number[] = [];
    for (let number = 1; number <= instants; number += 1) {
      const restored = await restoreInstant(soaked);
      say(`${number}. ${restored.instant}: ${restored.transactions} transactions, ${restored.seconds.toFixed(1)} s, ${restored.contradictions.length === 0 ? "as the ledger says" : restored.contradictions.slice(0, 5).join("; ")}`);
      if (restored.contradictions.length > 0) throw new Error(`seed ${seed}, ${restored.instant}: ${restored.contradictions.slice(0, 20).join("\n")}`);
      seconds.push(restored.seconds);
    }
    return { soak_seed: seed, soak_transactions: soaked.ledger.committed().length, soak_disturbances: soaked.disturbances, soak_instants: instants, soak_contradictions: 0, soak_restore_seconds: Math.round(median(seconds) * 10) / 10 };
  } finally {
    await soaked.close();
  }
}
