import { asFault, Fault } from "#lib/domain/fault/fault.ts";
import { isFaultCode } from "#lib/domain/fault/table.ts";
import { fileNumber } from "#lib/domain/archive/session-plan.ts";
import { SourceLogs } from "#worker/engines/binlog/source-logs.ts";
import { accessOf } from "#worker/host/access.ts";
import { backupSubject, isRunLocked } from "#worker/host/run-lock.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import { throwIfCancelled } from "#worker/host/run-context.ts";
import { type HostRuntime, requireServer } from "#worker/host/runtime.ts";
import { ArchiveState } from "./archive-state.ts";
import { checkChain } from "./check-chain.ts";
import { archiveServer } from "./index.ts";
import { archivePolicy, archiveRoot, pause } from "./server-archive.ts";
import { readStatus } from "./write-status.ts";

export const INCREMENTAL_STAGES = ["rotate", "seal", "chain"] as const;

/** By default so long for closed files to reach every destination, seconds. */
const PATIENCE_SECONDS = 3600;
const LOOK_MS = 500;
/** So long an incremental waits for a full backup of the same server, ms. */
const BESIDE_FULL_MS = 15 * 60_000;
/** Faults of the archive that are no older stand in the run as findings, ms. */
const TOLD_MS = 24 * 3_600_000;

export interface IncrementalResult {
  readonly server: string;
  /** The file that the server closed; all before it and itself are at every destination. */
  readonly file: string;
  readonly epoch: number;
  /** Closed files of this epoch at the destinations. */
  readonly segments: number;
}

/**
 * An incremental backup of a server: its current binary log is closed, everything up to it sealed and stored everywhere, and the chain at each destination
 * checked. The archive does the work when it runs on this host; otherwise it is run here for as long as it takes.
 * Faults ARCHIVE_INCOMPLETE, ARCHIVE_CHAIN_BROKEN, ARCHIVE_NOT_CONFIGURED, SERVER_*, CANCELLED.
 */
export async function backupIncremental(context: RunContext, host: HostRuntime, server: string, patienceSeconds = PATIENCE_SECONDS): Promise<IncrementalResult> {
  archivePolicy(host, server);
  const source = new SourceLogs(await accessOf(requireServer(host.settings, server), host.identity));
  const helping = new AbortController();
  const stop = AbortSignal.any([context.signal, helping.signal]);
  let failure: Fault | null = null;
  const own = archiveServer(host, server, stop).catch((error: unknown) => {
    // The usual case: the worker archives already.
    if (asFault(error).code !== "RUN_ALREADY_ACTIVE") failure = asFault(error);
  });
  try {
    const { uuid, file, since } = await context.stage("rotate", async () => {
      await untilSnapshotDone(context, host, server);
      // The file is open after this moment, so a sealed one of its name that is older belongs to a history that ended (RESET).
      const since = host.clock.now();
      const before = await source.place();
      await source.rotate();
      return { uuid: await source.uuid(), file: before.file, since };
    });
    await context.stage("seal", () => untilSealed(context, host, { server, uuid, file, since, patienceSeconds }, () => failure));
    return await context.stage("chain", async () => {
      const state = new ArchiveState(archiveRoot(host, server), host.clock);
      const epoch = state.current ? (state.epochOf(state.current) ?? 1) : 1;
      const segments = await checkChain(context, host, { server, serverUuid: uuid, epoch }, { file, since });
      for (const { at, fault } of state.faults) {
        if (Date.parse(at) > host.clock.now() - TOLD_MS && isFaultCode(fault.code)) context.finding("warning", { ...fault, code: fault.code });
      }
      return { server, file, epoch, segments };
    });
  } finally {
    helping.abort();
    source.close();
    await own;
  }
}

/** A file closed in the short lock of a full backup would move the place that it proves. Its lock is held longer than that: after a while this goes on beside it. */
async function untilSnapshotDone(context: RunContext, host: HostRuntime, server: string): Promise<void> {
  const began = host.clock.monotonic();
  if (isRunLocked(host.folders.locks, backupSubject(server))) context.log("info", "a full backup of this server is at work: waiting for it");
  while (isRunLocked(host.folders.locks, backupSubject(server)) && host.clock.monotonic() - began < BESIDE_FULL_MS) {
    throwIfCancelled(context.signal);
    await pause(context.signal, LOOK_MS);
  }
}

/** Waits until everything up to a file is at every destination. Fault ARCHIVE_INCOMPLETE with the reason that stands in the archive's status. */
async function untilSealed(context: RunContext, host: HostRuntime, goal: { server: string; uuid: string; file: string; since: number; patienceSeconds: number }, failure: () => Fault | null): Promise<void> {
  const root = archiveRoot(host, goal.server);
  const began = host.clock.monotonic();
  for (;;) {
    throwIfCancelled(context.signal);
    const failed = failure();
    if (failed) throw failed;
    const state = new ArchiveState(root, host.clock);
    if (state.current?.uuid === goal.uuid && state.sealedUpTo(state.current) >= fileNumber(goal.file) && state.sealedAt(state.current) >= goal.since) return;
    if (host.clock.monotonic() - began > goal.patienceSeconds * 1000) break;
    await pause(context.signal, LOOK_MS);
  }
  const status = readStatus(host, goal.server);
  const reason = status?.copies.find(({ fault }) => fault)?.fault ?? status?.trouble ?? null;
  throw new Fault("ARCHIVE_INCOMPLETE", { params: { server: goal.server, file: goal.file, seconds: goal.patienceSeconds, message: reason?.code ?? "not done yet" } });
}
