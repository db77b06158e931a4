import { swapRecord } from "#lib/contract/recovery/swap.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { HostFolders } from "#worker/host/runtime.ts";
import { runRecords } from "../run-records.ts";

/** Swaps of this host: what stands in a record is there before the server hears of it. */
export const { write: writeRecord, read: readRecord, list: listRecords } = runRecords({ folder: "swaps", kind: "swap", shape: swapRecord });

/** Fault SWAP_UNFINISHED while a swap of this server was left half-way: nothing else may move its tables. */
export function requireFinished(folders: HostFolders, server: string): void {
  const open = listRecords(folders).find(({ state, request }) => state === "began" && request.server === server);
  if (open) throw new Fault("SWAP_UNFINISHED", { params: { run: open.runId, server } });
}
