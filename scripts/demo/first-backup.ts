import type { Services } from "#lib/services/open-services.ts";
import { runBackup } from "#lib/services/run/run-backup.ts";
import { say } from "./say.ts";
import { DEMO_ACTOR, POLICY } from "./settle.ts";

const PATIENCE_MS = 15 * 60_000;
const ENDED = ["completed", "warning", "failed", "cancelled", "interrupted"];

/** What `npm run demo -- --once` prints as its last line. */
export interface DemoReport {
  readonly ok: boolean;
  readonly set: string | null;
  readonly bytes: { readonly plain: number; readonly sealed: number };
  readonly tables: number;
  readonly rows: number;
  /** Seconds of each stage: `backup.dump`, `verify.load` … */
  readonly seconds: Record<string, number>;
  readonly copies: { readonly destination: string; readonly state: string }[];
  /** proven, intact, completed, refused or failed. */
  readonly verdict: string;
  readonly restoreSeconds: number | null;
  readonly fault: unknown;
}

/** Asks for a full backup as the console's button does, waits for it and for its restore test, and reports what the catalog then holds. */
export async function firstBackup(services: Services, signal: AbortSignal): Promise<DemoReport> {
  const { runId } = await runBackup(services.as(DEMO_ACTOR), { policy: POLICY, trigger: "demo" });
  say(`backup ${runId}`);
  const backup = await waitForRun(services, { id: runId }, signal);
  const sound = backup.state === "completed" || backup.state === "warning";
  const verify = sound ? await waitForRun(services, { kind: "verify", setId: runId }, signal) : null;
  const set = await services.db.backupSet.findUnique({ where: { id: runId }, include: { copies: true } });
  const level = set?.level ?? "failed";
  return {
    ok: level === "proven",
    set: set?.id ?? null,
    bytes: { plain: Number(set?.plainBytes ?? 0), sealed: Number(set?.sealedBytes ?? 0) },
    tables: set?.tables ?? 0,
    rows: Number(set?.rows ?? 0),
    seconds: { ...stageSeconds("backup", backup.stages), ...stageSeconds("verify", verify?.stages) },
    copies: (set?.copies ?? []).map(({ destination, state }) => ({ destination, state })),
    verdict: sound ? level : "failed",
    restoreSeconds: set?.restoreSeconds ?? null,
    fault: backup.fault ?? verify?.fault ?? null,
  };
}

async function waitForRun(services: Services, where: { id?: string; kind?: string; setId?: string }, signal: AbortSignal) {
  const until = Date.now() + PATIENCE_MS;
  let told = "";
  while (Date.now() < until) {
    signal.throwIfAborted();
    const run = await services.db.run.findFirst({ where });
    if (run && ENDED.includes(run.state)) {
      say(`${run.kind} ${run.state}`);
      return run;
    }
    const stage = currentStage(run?.stages);
    const now = run && stage ? `${run.kind} ${stage}` : told;
    if (now !== told) say(now);
    told = now;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  throw new Error(`the run did not end within ${PATIENCE_MS / 60_000} minutes`);
}

interface StageRow {
  readonly name: string;
  readonly startedAt?: string | null;
  readonly seconds?: number | null;
}

function currentStage(stages: unknown): string | undefined {
  return rows(stages).findLast((stage) => stage.startedAt)?.name;
}

function stageSeconds(prefix: string, stages: unknown): Record<string, number> {
  return Object.fromEntries(rows(stages).flatMap((stage) => (typeof stage.seconds === "number" ? [[`${prefix}.${stage.name}`, stage.seconds] as const] : [])));
}

function rows(stages: unknown): StageRow[] {
  return Array.isArray(stages) ? (stages as StageRow[]) : [];
}
