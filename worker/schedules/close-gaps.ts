import { statSync } from "node:fs";
import type { ArchiveFault } from "#lib/contract/archive/status.ts";
import type { RunCause } from "#lib/contract/events.ts";
import { asFault, faultRecord } from "#lib/domain/fault/fault.ts";
import type { FaultCode } from "#lib/domain/fault/table.ts";
import { derivedId } from "#lib/platform/ids.ts";
import { journalIds } from "#worker/host/event-shipper.ts";
import { journalPath, readJournal } from "#worker/host/journal.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { ArchiveState } from "#worker/pipelines/archive/archive-state.ts";
import { archivedServers } from "#worker/pipelines/archive/index.ts";
import { archivePolicy, archiveRoot } from "#worker/pipelines/archive/server-archive.ts";
import type { JobBench } from "#worker/processors/job-bench.ts";
import { processJob } from "#worker/processors/process-job.ts";
import type { FireBook } from "./fire-book.ts";

/** Behind each of these nothing can be replayed onto an older backup. */
const GAPS: ReadonlySet<string> = new Set<FaultCode>(["ARCHIVE_GAP", "ARCHIVE_HISTORY_CHANGED", "ARCHIVE_FILE_DAMAGED"]);
/** A server's archive that was never looked at: what it put on record in the time that a worker takes to start counts, ms. */
const JUST_NOW_MS = 60_000;

/**
 * Starts a full backup for each new gap of an archive: the recovery window begins again there. Once per gap, whatever becomes of it; gaps that were noticed
 * together share one, and a full of the server that began after them and went well is enough. Gives the runs that it started, each until its end.
 */
export function closeGaps(bench: JobBench, book: FireBook): Promise<void>[] {
  const { host, runs } = bench;
  const started: Promise<void>[] = [];
  for (const server of archivedServers(host)) {
    const settled = book.gapsUpTo(server, host.clock.now() - JUST_NOW_MS);
    const [newest] = new ArchiveState(archiveRoot(host, server), host.clock).faults.filter(({ at, fault }) => GAPS.has(fault.code) && Date.parse(at) > settled);
    if (!newest) continue;
    const noticedAt = Date.parse(newest.at);
    const runId = derivedId(noticedAt, ["archive-gap", host.config.host, server, newest.fault.code]);
    if (runs.hasBegun(runId) || fullSince(host, server, noticedAt)) book.settleGaps(server, noticedAt);
    // One that is up may have begun after the gap: how it ends decides.
    else if (!runs.all.some((up) => up.kind === "backup-full" && up.server === server)) started.push(conduct(bench, server, runId, newest));
  }
  return started;
}

async function conduct(bench: JobBench, server: string, runId: string, { at, fault }: ArchiveFault): Promise<void> {
  const { host, runs } = bench;
  const policy = archivePolicy(host, server).name;
  const cause: RunCause = { type: "archive-gap", noticedAt: at, fault };
  host.log.warn({ server, runId, fault: fault.code }, "gap in the archive: a full backup begins");
  try {
    await processJob(bench, "backup-full", { runId, policy, trigger: "archive-gap", cause });
  } catch (error) {
    const failure = faultRecord(error);
    host.log.error({ server, runId, err: asFault(error) }, "full backup after a gap cannot begin");
    if (failure.code !== "CANCELLED") runs.record(runId, { kind: "backup-full", trigger: "archive-gap", server, policy, cause, stages: [] }, { outcome: "failed", fault: failure });
  }
}

/** Did a full backup of the server begin after this instant (ms since 1970) and go well? By the journals of this host, of whichever process. */
function fullSince(host: HostRuntime, server: string, since: number): boolean {
  return journalIds(host.folders.journals).some((runId) => {
    const path = journalPath(host.folders.journals, runId);
    // Another process may have cleared it away meanwhile.
    if ((statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < since) return false;
    const events = readJournal(path);
    const [begun, end] = [events[0], events.at(-1)?.body];
    return begun?.body.type === "run-started" && begun.body.kind === "backup-full" && begun.body.server === server && Date.parse(begun.at) > since && end?.type === "run-finished" && (end.outcome === "completed" || end.outcome === "warning");
  });
}
