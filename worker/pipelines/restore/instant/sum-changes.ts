import type { CutChanges } from "#lib/contract/recovery/changes.ts";
import { withoutHeartbeats } from "#lib/domain/archive/heartbeat.ts";
import { addCut, boundedSum, ChangeAdder } from "#lib/domain/binlog/change-sum.ts";
import { asFault } from "#lib/domain/fault/fault.ts";
import { throwIfCancelled } from "#worker/host/run-context.ts";
import { type HostRuntime, heartbeatSchema } from "#worker/host/runtime.ts";
import type { ArchivedSegment } from "./archived-segments.ts";
import { openSegmentIndex } from "./open-segment-index.ts";

/** So long lists that are not on this disk may be waited for, ms: the instant itself is found already, and who asked for it waits. */
const PATIENCE_MS = 45_000;

interface ChangeSearch {
  /** As the stop was looked for: the first holds the full's coordinate. */
  readonly segments: readonly ArchivedSegment[];
  /** Position of the full in the first file. */
  readonly from: number;
  /** File by its place in `segments`, and the position in it before which the replay stops. */
  readonly stop: { readonly number: number; readonly position: number };
  readonly skip: readonly string[];
  /** For binary logs without a list anywhere. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** What a replay up to a stop brings back and what it leaves out, by table, out of the lists of transactions. Files whose list cannot be had are told and counted by their description. */
export async function sumChanges(host: HostRuntime, { segments, from, stop, skip, folder, signal }: ChangeSearch): Promise<CutChanges> {
  const into = { kept: new ChangeAdder(), lost: new ChangeAdder() };
  const unread = { kept: { files: 0, transactions: 0 }, lost: { files: 0, transactions: 0 } };
  const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  for (const [number, segment] of segments.entries()) {
    const cut = { from: number === 0 ? from : 0, to: number < stop.number ? Number.POSITIVE_INFINITY : number === stop.number ? stop.position : 0, skip };
    try {
      const { index } = await openSegmentIndex(host, segment, folder, patience);
      try {
        await addCut(index.blocks, cut, into);
      } finally {
        await index.close();
      }
    } catch (error) {
      throwIfCancelled(signal);
      host.log.warn({ file: segment.index.file, fault: asFault(error).code }, "changes of this file are not summed up by table");
      const side = number <= stop.number ? unread.kept : unread.lost;
      side.files += 1;
      side.transactions += segment.index.content.transactions - (segment.index.content.heartbeats?.count ?? 0);
    }
  }
  const heartbeats = heartbeatSchema(host);
  return { kept: boundedSum(withoutHeartbeats(into.kept.sum(), heartbeats), unread.kept), lost: boundedSum(withoutHeartbeats(into.lost.sum(), heartbeats), unread.lost) };
}
