import { replacementRecord } from "#lib/contract/recovery/replacement.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { HostFolders } from "#worker/host/runtime.ts";
import { runRecords } from "../run-records.ts";

/** Exchanges of data directories on this host: what stands in a record is there before anything is renamed. */
export const { write: writeReplacement, read: readReplacement, list: listReplacements } = runRecords({ folder: "replacements", kind: "run", shape: replacementRecord });

/** Fault REPLACEMENT_UNFINISHED while an exchange of this server's data directory was left half-way. */
export function requireNoneBegun(folders: HostFolders, server: string): void {
  const open = listReplacements(folders).find((record) => record.state === "began" && record.server === server);
  if (open) throw new Fault("REPLACEMENT_UNFINISHED", { params: { run: open.runId, server } });
}
