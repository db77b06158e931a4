import type { ReplacementRecord } from "#lib/contract/recovery/replacement.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import { withRunLock } from "#worker/host/run-lock.ts";
import { isOwnerAlive } from "#worker/host/run-owner.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { restoreSubject } from "../run-records.ts";
import { closeExchange, endExchange, exchangeFolders, standingOf, unclear } from "./exchange-folders.ts";
import { readReplacement, requireNoneBegun, writeReplacement } from "./replacement-record.ts";
import { requireStopped } from "./require-stopped.ts";

/** How a replacement is ended later on, as a run of its own. */
export const REPLACEMENT_ENDS = { recover: ["cutover"], undo: ["check", "cutover"] } as const;

/** Ends a replacement whose worker was lost, and says which way. Faults NOT_FOUND, REPLACEMENT_CLOSED, REPLACEMENT_UNCLEAR, RUN_ALREADY_ACTIVE while it runs. */
export function recoverReplacement(context: RunContext, host: HostRuntime, replacement: string): Promise<"replaced" | "taken-back"> {
  const { server } = readReplacement(host.folders, replacement);
  return withRunLock(host.folders.locks, restoreSubject(server), () =>
    context.stage("cutover", async () => {
      // Only now: somebody else may have ended it while the lock was theirs.
      const record = readReplacement(host.folders, replacement);
      if (isOwnerAlive(host.folders.journals, replacement)) throw new Fault("RUN_ALREADY_ACTIVE", { params: { subject: restoreSubject(server) } });
      if (record.state !== "began") throw new Fault("REPLACEMENT_CLOSED", { params: { run: replacement } });
      const state = await endExchange(host.folders, record, "forward");
      context.result({ replacement, state });
      context.log("info", state === "replaced" ? `${record.folder} is the new data directory of ${server}, the one before is ${record.kept}; to start it: ${record.start.join(" && ")}` : `${replacement} was taken back: ${record.folder} is what it was`);
      return state;
    }),
  );
}

/**
 * Gives a data directory that was replaced its name back, and keeps the one that had taken its place. `typed`: the server's name. The server must be stopped, and is started by a person.
 * Faults NOT_FOUND, TYPED_NAME_WRONG, DATADIR_IN_USE, REPLACEMENT_CLOSED, REPLACEMENT_UNFINISHED, REPLACEMENT_UNCLEAR.
 */
export function undoReplacement(context: RunContext, host: HostRuntime, replacement: string, typed: string | undefined): Promise<ReplacementRecord> {
  const { server } = readReplacement(host.folders, replacement);
  return withRunLock(host.folders.locks, restoreSubject(server), async () => {
    const undone = await context.stage("check", async () => {
      const record = readReplacement(host.folders, replacement);
      if (record.state !== "replaced" || record.undoes !== undefined) throw new Fault("REPLACEMENT_CLOSED", { params: { run: replacement } });
      if (typed !== server) throw new Fault("TYPED_NAME_WRONG", { params: { expected: server } });
      requireNoneBegun(host.folders, server);
      if ((await standingOf(record)) !== "after") throw unclear(record);
      await requireStopped(host, server, { folder: host.config.dataDirectories?.[server]?.folder ?? record.folder, unit: record.unit }, record.folder);
      return record;
    });
    return context.stage("cutover", async () => {
      const { folder, was, comes, kept } = undone;
      const record: ReplacementRecord = { ...undone, runId: context.runId, at: new Date(context.clock.now()).toISOString(), kept: `${folder}.after-${context.runId}`, incoming: kept, was: comes, comes: was, state: "began", undoes: replacement };
      writeReplacement(host.folders, record);
      try {
        await exchangeFolders(record, (text) => context.log("info", text));
      } catch (error) {
        await endExchange(host.folders, record, "back");
        throw error;
      }
      closeExchange(host.folders, record, "replaced");
      context.log("info", `${folder} is the data directory that it was; to start it: ${record.start.join(" && ")}`);
      return record;
    });
  });
}
