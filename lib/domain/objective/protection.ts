export type ProtectionState = "protected" | "at-risk" | "unprotected" | "unknown";

/** Why protection is what it is. `params` fill the texts `protection.<code>` of the message files. */
export interface ProtectionReason {
  readonly code:
    | "no-server"
    | "no-policy"
    | "no-schedule"
    | "no-backup"
    | "backup-old"
    | "never-proven"
    | "proof-old"
    | "proof-refused"
    | "copy-damaged"
    | "one-copy"
    | "last-run-failed"
    | "schedule-missed"
    | "worker-silent"
    | "server-down"
    | "restore-slow";
  readonly severity: "warning" | "critical" | "unknown";
  readonly server: string | null;
  readonly params: Record<string, string | number>;
}

/** What counts as too old or too slow. */
export interface Objectives {
  /** A good backup must be younger, hours. */
  readonly backupHours: number;
  /** A proof by restore must be younger, hours. */
  readonly proofHours: number;
  /** RTO: a measured restore must be faster, seconds. */
  readonly restoreSeconds: number;
}

/** The customer's: a full every day (with an hour's grace to run), a proof a week, RTO 30 minutes. */
export const OBJECTIVES: Objectives = { backupHours: 25, proofHours: 7 * 24 + 1, restoreSeconds: 30 * 60 };

/** What is known of a set. Instants in milliseconds. */
export interface SetFacts {
  readonly snapshotAt: number;
  readonly level: "completed" | "intact" | "proven" | "refused";
  readonly restoreSeconds: number | null;
  readonly copies: readonly { readonly destination: string; readonly state: string }[];
}

/** What is known of a server's protection. Instants in milliseconds. */
export interface ServerFacts {
  readonly server: string;
  readonly policies: number;
  readonly schedules: number;
  /** Newest set of all. */
  readonly newest: SetFacts | null;
  /** Newest set not refused. */
  readonly newestGood: SetFacts | null;
  readonly newestProven: SetFacts | null;
  /** Fault code of the newest ended backup, if it failed. */
  readonly lastRunFault: string | null;
  /** Fires that nobody made up for, by schedule; `since` in milliseconds. */
  readonly missed: readonly { readonly schedule: string; readonly count: number; readonly since: number }[];
  readonly worker: "up" | "late" | "down" | "unknown";
  /** Does the worker reach the database server? Null if it never said. */
  readonly serverOk: boolean | null;
}

/**
 * Green only with proof: `protected` needs a young backup and a young proof on copies that are whole.
 * `unknown` when the worker is silent and nothing worse is certain: what we know may be out of date.
 */
export function judgeServer(facts: ServerFacts, now: number, objectives: Objectives = OBJECTIVES): { state: ProtectionState; reasons: ProtectionReason[] } {
  const reasons: ProtectionReason[] = [];
  const add = (code: ProtectionReason["code"], severity: ProtectionReason["severity"], params: ProtectionReason["params"] = {}) => reasons.push({ code, severity, server: facts.server, params });
  const hours = (at: number) => Math.floor((now - at) / 3_600_000);

  if (facts.policies === 0) add("no-policy", "critical");
  else if (facts.schedules === 0) add("no-schedule", "warning");

  const good = facts.newestGood;
  if (!good) add("no-backup", "critical");
  else if (hours(good.snapshotAt) >= objectives.backupHours) add("backup-old", "critical", { hours: hours(good.snapshotAt), objective: objectives.backupHours });

  if (facts.newest?.level === "refused") add("proof-refused", "critical");
  const proven = facts.newestProven;
  if (good && !proven) add("never-proven", "warning");
  if (proven && hours(proven.snapshotAt) >= objectives.proofHours) add("proof-old", "warning", { hours: hours(proven.snapshotAt), objective: objectives.proofHours });
  if (proven?.restoreSeconds != null && proven.restoreSeconds > objectives.restoreSeconds) add("restore-slow", "warning", { seconds: Math.round(proven.restoreSeconds), objective: objectives.restoreSeconds });

  if (good) {
    const whole = good.copies.filter((copy) => copy.state === "stored" || copy.state === "intact");
    for (const copy of good.copies) {
      if (copy.state === "corrupt" || copy.state === "missing") add("copy-damaged", whole.length === 0 ? "critical" : "warning", { destination: copy.destination, state: copy.state });
    }
    if (whole.length === 1) add("one-copy", "warning", { destination: whole[0]?.destination ?? "" });
  }
  if (facts.lastRunFault) add("last-run-failed", "warning", { fault: facts.lastRunFault });
  for (const { schedule, count, since } of facts.missed) add("schedule-missed", "warning", { schedule, count, since });
  if (facts.serverOk === false) add("server-down", "warning");
  if (facts.worker === "down" || facts.worker === "unknown") add("worker-silent", "unknown");
  return { state: stateOf(reasons), reasons };
}

/** The servers that the home page answers for: production where there is any, so that a neglected test server neither alarms nor reassures. */
export function answeredFor<T extends { readonly environment: string }>(servers: readonly T[]): readonly T[] {
  const production = servers.filter((server) => server.environment === "production");
  return production.length > 0 ? production : servers;
}

/** The worst of the servers. */
export function judgeAll(servers: readonly { state: ProtectionState; reasons: readonly ProtectionReason[] }[]): { state: ProtectionState; reasons: ProtectionReason[] } {
  if (servers.length === 0) return { state: "unprotected", reasons: [{ code: "no-server", severity: "critical", server: null, params: {} }] };
  const reasons = servers.flatMap((server) => server.reasons);
  return { state: stateOf(reasons), reasons: reasons.toSorted((a, b) => RANK[a.severity] - RANK[b.severity]) };
}

const RANK = { critical: 0, unknown: 1, warning: 2 } as const;

function stateOf(reasons: readonly ProtectionReason[]): ProtectionState {
  if (reasons.some((reason) => reason.severity === "critical")) return "unprotected";
  if (reasons.some((reason) => reason.severity === "unknown")) return "unknown";
  return reasons.length > 0 ? "at-risk" : "protected";
}
