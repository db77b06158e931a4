import { probeDestination } from "#lib/contract/jobs/control.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { keepGoing } from "./keep-going.ts";
import type { LoopSetting } from "./setting.ts";

const EVERY_MS = 10 * 60_000;

/** Every ten minutes each destination is tried from its host, so that the dashboard knows its space and whether it answers. */
export async function measureSpace(setting: LoopSetting): Promise<void> {
  await keepGoing(setting, "measure-space", 5_000, () => measureOnce(setting));
}

/** Exported for the tests: tries the destination that was tried longest ago, if that is long enough. */
export async function measureOnce({ db, queue, clock, log }: LoopSetting): Promise<void> {
  const now = clock.now();
  const due = (await db.destination.findMany({ where: { host: { heartbeatAt: { gt: new Date(now - 60_000) } } } }))
    .map((row) => ({ row, triedAt: lastTried(row.lastProbe) }))
    .filter(({ triedAt }) => now - triedAt >= EVERY_MS)
    .sort((a, b) => a.triedAt - b.triedAt)[0]?.row;
  if (!due) return;
  const at = new Date(now).toISOString();
  try {
    const { steps, space } = await queue.ask(probeDestination, due.hostName, { destination: due.name }, 60_000);
    await db.destination.update({ where: { name: due.name }, data: { lastProbe: { at, steps, space } } });
  } catch (error) {
    if (error instanceof Fault && (error.code === "QUEUE_UNREACHABLE" || error.code === "CATALOG_UNREACHABLE")) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    log.warn({ destination: due.name, detail }, "destination could not be tried");
    await db.destination.update({ where: { name: due.name }, data: { lastProbe: { at, steps: [{ step: "ask", ok: false, ms: 0, detail }], space: null } } });
  }
}

function lastTried(probe: unknown): number {
  const at = typeof probe === "object" && probe !== null && "at" in probe ? Date.parse(String(probe.at)) : Number.NaN;
  return Number.isNaN(at) ? 0 : at;
}
