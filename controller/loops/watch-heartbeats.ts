import { CHANNELS, type Heartbeat, heartbeat } from "#lib/contract/pairing.ts";
import { CLOCK_TOLERANCE_MS, verifyHeartbeat } from "#lib/platform/signing.ts";
import { SILENT_MS } from "#lib/domain/objective/worker-state.ts";
import { openReturnedJobs, type ReturnedJobs } from "#lib/queue/returned-jobs.ts";
import { sendState } from "#lib/services/settings/push-state.ts";
import type { Host, Run } from "#lib/store/generated/client.ts";
import { endUnsent } from "#lib/store/run/end-unsent.ts";
import { keepGoing } from "./keep-going.ts";
import type { LoopSetting } from "./setting.ts";

/** A host that holds old settings gets them again, but not more often than this. */
const PUSH_AGAIN_MS = 30_000;
/** A queued run is given this long to appear in the queue. */
const QUEUED_GRACE_MS = 60_000;

/** Signs of life: keeps them, judges runs of lost workers, sends settings to hosts that missed them. */
export async function watchHeartbeats(setting: LoopSetting): Promise<void> {
  const jobs = openReturnedJobs(setting.queue.redis);
  const pushedAt = new Map<string, number>();
  try {
    await keepGoing(setting, "watch-heartbeats", 5_000, () => watchOnce(setting, jobs, pushedAt));
  } finally {
    await jobs.close();
  }
}

/** Exported for the tests: one round over all hosts. */
export async function watchOnce(setting: LoopSetting, jobs: ReturnedJobs, pushedAt: Map<string, number>): Promise<void> {
  const { db, queue, clock } = setting;
  await queue.ping();
  for (const known of await db.host.findMany()) {
    const beat = readBeat(setting, known, await queue.redis.get(CHANNELS.heartbeat + known.name));
    const host = beat ? await keepBeat(setting, known, beat) : known;
    const alive = host.heartbeatAt !== null && clock.now() - host.heartbeatAt.getTime() <= SILENT_MS;
    await judgeRuns(setting, host, alive ? beat : null, alive);
    await settleQueued(setting, host, jobs);
    if (beat && alive) await pushIfOld(setting, host, beat, pushedAt);
  }
}

async function keepBeat({ db, clock }: LoopSetting, host: Host, beat: Heartbeat): Promise<Host> {
  const at = new Date(beat.at);
  if (host.heartbeatAt && at.getTime() === new Date((host.heartbeat as unknown as Heartbeat | null)?.at ?? 0).getTime()) return host;
  // a console whose database was lost or restored must not stay behind what its hosts hold: they refuse older revisions
  await db.host.updateMany({ where: { name: host.name, wantedRevision: { lt: beat.revision } }, data: { wantedRevision: beat.revision } });
  // our own clock says when it was last heard: the host's may be wrong
  return db.host.update({ where: { name: host.name }, data: { heartbeat: { ...beat }, heartbeatAt: new Date(clock.now()), heldRevision: beat.revision } });
}

/**
 * Running runs of a silent worker become `unknown`; of a worker that is back without them, `interrupted`. Both are opinions:
 * the run's next event corrects them (fold-event.ts).
 */
async function judgeRuns({ db, clock, log }: LoopSetting, host: Host, beat: Heartbeat | null, alive: boolean): Promise<void> {
  const quietSince = new Date(clock.now() - SILENT_MS);
  const open = await db.run.findMany({ where: { hostName: host.name, state: { in: ["running", "waiting", "unknown"] }, finishSeq: null } });
  for (const run of open.filter((candidate) => (candidate.lastEventAt ?? candidate.queuedAt) < quietSince)) {
    const verdict = !alive ? "unknown" : beat && beat.activeRun !== run.id && !beat.runs.some(({ id }) => id === run.id) ? "interrupted" : null;
    if (verdict === null || verdict === run.state) continue;
    log.warn({ runId: run.id, host: host.name, verdict }, "run of a lost worker");
    await settle(db, run, verdict, new Date(clock.now()));
  }
}

async function settle(db: LoopSetting["db"], run: Run, verdict: "unknown" | "interrupted", now: Date): Promise<void> {
  const interrupted = verdict === "interrupted";
  await db.run.updateMany({
    // unless an event came meanwhile
    where: { id: run.id, finishSeq: null, lastSeq: run.lastSeq },
    data: { state: verdict, ...(interrupted ? { finishedAt: now, fault: { code: "INTERRUPTED", params: {}, retryable: false }, faultCode: "INTERRUPTED" } : {}) },
  });
}

/** A queued run whose job the queue does not know will never start: the console died between commit and send, or Redis lost it. */
async function settleQueued({ db, clock, log }: LoopSetting, host: Host, jobs: ReturnedJobs): Promise<void> {
  const before = new Date(clock.now() - QUEUED_GRACE_MS);
  for (const run of await db.run.findMany({ where: { hostName: host.name, state: "queued", queuedAt: { lt: before } }, take: 100 })) {
    if (await jobs.knows(host.name, run.id)) continue;
    log.warn({ runId: run.id, host: host.name }, "queued run without a job");
    await endUnsent(db, run.id, { code: "JOB_LOST", params: {}, retryable: true }, new Date(clock.now()));
  }
}

async function pushIfOld(setting: LoopSetting, host: Host, beat: Heartbeat, pushedAt: Map<string, number>): Promise<void> {
  const now = setting.clock.now();
  if (beat.revision >= host.wantedRevision || now - (pushedAt.get(host.name) ?? 0) < PUSH_AGAIN_MS) return;
  pushedAt.set(host.name, now);
  const pushed = await sendState(setting, host.name);
  setting.log.info({ host: host.name, held: beat.revision, revision: pushed.revision, sent: pushed.sent }, "settings sent again");
}

/** What a host said, if it said so itself and last: an older word put back in its place is none. */
function readBeat({ clock, log }: LoopSetting, host: Host, text: string | null): Heartbeat | null {
  if (text === null) return null;
  try {
    const beat = verifyHeartbeat(JSON.parse(text), host.name, host.signingKey);
    const last = Date.parse(heartbeat.safeParse(host.heartbeat).data?.at ?? "");
    // a host whose clock ran ahead and was set right since may go back
    if (Date.parse(beat.at) < last && last <= clock.now() + CLOCK_TOLERANCE_MS) return null;
    return beat;
  } catch (error) {
    log.warn({ host: host.name, err: error }, "heartbeat refused");
    return null;
  }
}
