import { Fault } from "#lib/domain/fault/fault.ts";
import { replayByApplier } from "./applier.ts";
import { replayByClient } from "./client.ts";
import type { ReplayRequest, ReplayWay } from "./replay-request.ts";

export interface ReplayReport {
  readonly way: ReplayWay;
  readonly seconds: number;
  /** XA transactions that were prepared before the stop and not yet decided: their rows are not in the result. */
  readonly undecidedXa: number;
}

/**
 * Brings a loaded server from its full to the stop: every transaction in between once and in order, errors never passed over.
 * The end state is checked: GTIDs exactly as expected, or the position where GTIDs are off.
 * Faults: REPLAY_STOPPED (with the transaction), REPLAY_INCOMPLETE, INPUT_INVALID, CANCELLED, TOOL_MISSING. After any of them the server is of no use.
 */
export async function replay(request: ReplayRequest): Promise<ReplayReport> {
  const began = performance.now();
  if (request.files.length === 0) throw new Fault("INPUT_INVALID", { params: { fields: "files: none to replay" } });
  if ((request.skip?.length ?? 0) > 0 && (request.start.gtidSet === null || request.flavor !== "mysql")) {
    throw new Fault("INPUT_INVALID", { params: { fields: "skip: a transaction can be left out by its GTID only, on MySQL with gtid_mode=ON" } });
  }
  const way = request.way ?? (request.flavor === "mysql" && hasApplier(request.sandbox.version) ? "applier" : "client");
  const { undecidedXa } = await (way === "applier" ? replayByApplier(request) : replayByClient(request));
  return { way, undecidedXa, seconds: (performance.now() - began) / 1000 };
}

/** `replica_*` settings came with 8.0.26. */
function hasApplier(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  return major > 8 || (major === 8 && (minor > 0 || patch >= 26));
}
