import type { SwapPlan, SwapStanding } from "#lib/contract/recovery/swap.ts";
import { Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { stamp } from "#lib/platform/ids.ts";
import type { Database } from "#lib/store/open-database.ts";
import { SERVER, seedRun } from "./seed.ts";
import { seededMistake } from "./seed-instant.ts";

export interface SeededSwaps {
  /** Plan, not yet started. */
  readonly plan: string;
  /** Runs: one that stands, one whose worker was lost, one undone. */
  readonly swapped: string;
  readonly lost: string;
  readonly standings: readonly SwapStanding[];
}

/** A planned swap as a worker would have drafted it a moment ago, and three of earlier days with how they stand. */
export async function seedSwaps(db: Database, now: number): Promise<SeededSwaps> {
  const pair = (at: number) => ({ live: SERVER, restored: `${SERVER}_r_${stamp(at).slice(0, 8)}_1413`, kept: `${SERVER}_pre_${stamp(at).slice(0, 15).replace("T", "_")}` });
  const request = (at: number, undoes?: string) => ({ server: SERVER, pairs: [pair(at)], moveRest: false, lockWaitSeconds: 10, ownChecks: undoes === undefined, ...(undoes ? { undoes } : {}) });
  const run = async (at: number, state: string, seconds?: number): Promise<string> => {
    const id = await seedRun(db, { at, kind: "swap", state, trigger: "manual", stages: ["check", "cutover", "verify"], requestedBy: "dba@example.com", ...(seconds === undefined ? {} : { seconds }), ...(state === "interrupted" ? { failsAt: 1, fault: faultRecord(new Fault("INTERRUPTED")) } : {}) });
    await db.run.update({ where: { id }, data: { policyName: null } });
    return id;
  };
  const hour = 3_600_000;
  const [undone, swapped, lost] = [await run(now - 75 * hour, "completed", 7), await run(now - 26 * hour, "completed", 9), await run(now - 2 * hour, "interrupted", 4)];
  const standing = (runId: string, at: number, state: SwapStanding["state"]): SwapStanding => ({ runId, at: new Date(at).toISOString(), state, request: request(at), dropName: pair(at).kept });
  const plan = planOf(now, request(now - hour));
  await db.restorePlan.create({ data: { id: plan.planId, hash: plan.hash, request: { ...plan.request }, plan: { ...plan }, requestedBy: "dba@example.com", createdAt: new Date(plan.createdAt), expiresAt: new Date(plan.expiresAt) } });
  return { plan: plan.planId, swapped, lost, standings: [standing(lost, now - 2 * hour, "began"), standing(swapped, now - 26 * hour, "swapped"), standing(undone, now - 75 * hour, "undone")] };
}

function planOf(now: number, request: SwapPlan["request"]): SwapPlan {
  const [pair] = request.pairs;
  const [live, restored, kept] = [pair?.live ?? "", pair?.restored ?? "", pair?.kept ?? ""];
  const table = (name: string, inUse: number | null, copy: number | null, change: SwapPlan["tables"][number]["change"]) => ({ schema: live, table: name, live: inUse, restored: copy, change });
  const { lost, transactions } = seededMistake(now);
  return {
    planId: `${stamp(now)}-5a0001`, hash: "7f3a91c20b5ed481".repeat(4), createdAt: new Date(now).toISOString(), expiresAt: new Date(now + 15 * 60_000).toISOString(), request,
    target: { server: SERVER, version: "8.4.6", environment: "production" }, way: "held",
    tables: [table("delivery", null, 9_310_322, "comes"), table("tariffe_2027", 214, null, "stays"), table("user_sessions", 402_145, 402_118, "same-structure"), table("users", 1206, 1204, "same-structure"), table("viaggi", 38_496_690, 38_496_690, "same-structure")],
    triggers: [`${live}.viaggi_storico`, `${live}.viaggi_prezzo`],
    holders: [{ id: "48210", account: "gestione@10.0.0.12", seconds: 74, tables: [`${live}.viaggi`] }],
    since: [{ schema: live, from: { file: "binlog.000418", position: 48_221_910 }, to: { file: "binlog.000418", position: 51_008_112 }, tables: lost.tables, statements: lost.statements, othersLeftOut: 0, unread: { files: 0, transactions: 0 }, transactions, more: true }],
    checks: ["ci sono viaggi di oggi", "ogni consegna ha il suo viaggio"],
    commands: [`CREATE DATABASE \`${kept}\``, `LOCK TABLES \`${live}\`.\`delivery\` WRITE, \`${live}\`.\`viaggi\` WRITE, …`, `DROP TRIGGER \`${live}\`.\`viaggi_storico\``, `RENAME TABLE \`${live}\`.\`viaggi\` TO \`${kept}\`.\`viaggi\`, \`${restored}\`.\`viaggi\` TO \`${live}\`.\`viaggi\`, …`, `CREATE TRIGGER \`${live}\`.\`viaggi_storico\` … ON \`${live}\`.\`viaggi\` …`, "UNLOCK TABLES"],
    warnings: [faultRecord(new Fault("SWAP_HELD_NOW", { params: { account: "48210 (gestione@10.0.0.12, 74 s)" } }))],
    typedName: live,
  };
}
