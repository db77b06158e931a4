import type { RunEvent } from "#lib/contract/events.ts";
import { eventEnvelope } from "#lib/contract/jobs/envelope.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { verifyEvent } from "#lib/platform/signing.ts";
import { confirm, ensureGroup, readNew, readUnconfirmed, type StreamEntry, setAside } from "#lib/queue/event-stream.ts";
import { recordEvents } from "#lib/store/run/record-events.ts";
import { keepGoing } from "./keep-going.ts";
import type { LoopSetting } from "./setting.ts";

const BATCH = 500;
const BLOCK_MS = 2_000;

/**
 * Takes the workers' events from the stream into the database. An entry leaves the stream only after its events are committed,
 * so a crash at any moment repeats work and loses none.
 */
export async function recordRuns(setting: LoopSetting): Promise<void> {
  await keepGoing(setting, "record-runs", 0, async () => {
    const { consumer } = setting;
    await ensureGroup(consumer);
    // first what an earlier life or a failed step left; then what is new
    const left = await readUnconfirmed(consumer, BATCH);
    const entries = left.length > 0 ? left : await readNew(consumer, BATCH, BLOCK_MS);
    if (entries.length > 0) await recordEntries(setting, entries);
  });
}

/** Exported for the tests: one batch. */
export async function recordEntries(setting: LoopSetting, entries: readonly StreamEntry[]): Promise<void> {
  const { db } = setting;
  const keys = new Map((await db.host.findMany({ select: { name: true, signingKey: true } })).map((host) => [host.name, host.signingKey]));
  const runs = new Map<string, Opened[]>();
  for (const entry of entries) {
    try {
      const event = openEntry(entry, keys);
      const group = `${event.host} ${event.runId}`;
      runs.set(group, [...(runs.get(group) ?? []), { event, entry }]);
    } catch (error) {
      await refuse(setting, entry, error);
    }
  }
  for (const group of runs.values()) {
    try {
      await recordGroup(setting, group);
    } catch (error) {
      if (error instanceof Fault && error.retryable) throw error;
      // one bad line must not cost the others
      for (const single of group) await recordSingle(setting, single);
    }
  }
}

type Opened = { readonly event: RunEvent; readonly entry: StreamEntry };

/** All of one run. */
async function recordGroup({ db, consumer }: LoopSetting, group: readonly Opened[]): Promise<void> {
  const first = group[0]?.event;
  if (!first) return;
  await recordEvents(db, first.host, first.runId, group.map(({ event }) => event));
  await confirm(consumer, group.map(({ entry }) => entry.id));
}

async function recordSingle(setting: LoopSetting, single: Opened): Promise<void> {
  try {
    await recordGroup(setting, [single]);
  } catch (error) {
    if (error instanceof Fault && error.retryable) throw error;
    setting.log.error({ err: error, runId: single.event.runId, seq: single.event.seq }, "event cannot be recorded");
    await refuse(setting, single.entry, error);
  }
}

function openEntry(entry: StreamEntry, keys: ReadonlyMap<string, string>): RunEvent {
  const parsed = eventEnvelope.safeParse(JSON.parse(entry.text));
  if (!parsed.success) throw new Fault("JOB_REFUSED", { params: { message: "malformed event envelope" } });
  const key = keys.get(parsed.data.host);
  if (!key) throw new Fault("JOB_REFUSED", { params: { message: `host ${parsed.data.host} is not paired` } });
  return verifyEvent(parsed.data, key);
}

async function refuse({ consumer, log }: LoopSetting, entry: StreamEntry, error: unknown): Promise<void> {
  const reason = error instanceof Error ? error.message : String(error);
  log.warn({ entry: entry.id, reason }, "event refused");
  await setAside(consumer, entry, reason.slice(0, 500));
}
