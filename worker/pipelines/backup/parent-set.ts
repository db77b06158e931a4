import type { Artifact, Inventory, ParentSet } from "#lib/contract/manifest/manifest.ts";
import { borrowedFiles, changedShare, droppedTables, tablesIn, uncoveredTables } from "#lib/domain/backup/differential.ts";
import { Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { Base } from "./find-base.ts";

/** More than this stored anew: a full costs hardly more, and restores faster. */
const LARGE_SHARE = 0.6;
/** Changed pages below this are never called large, bytes. */
const LARGE_PAGES_BYTES = 512 * 1024 * 1024;

/** What of its full belongs to a differential. Finding DIFFERENTIAL_LARGE. Fault DUMP_INCOMPLETE when a table's rows stand in no file, or in two. */
export function parentOf(context: RunContext, { manifest, manifestSha256 }: Base, taken: { readonly inventory: Inventory; readonly artifacts: readonly Artifact[] }): ParentSet {
  const artifacts = borrowedFiles(manifest, taken.inventory);
  requireCovered(taken.inventory, taken.artifacts, artifacts);
  const share = changedShare(taken.inventory, artifacts);
  const count = (files: readonly Artifact[]): string => {
    const ranges = files.filter(({ range }) => range).length;
    return `${tablesIn(files)} tables${ranges > 0 ? ` (among them ${ranges} ranges of large ones)` : ""}`;
  };
  context.log("info", `${count(taken.artifacts)} stored anew, ${Math.round(share * 100)} % of all rows' bytes; rows of ${count(artifacts)} are those of full ${manifest.id}`);
  tellLarge(context, share, manifest.id);
  return { setId: manifest.id, manifestSha256, compression: manifest.compression, recipients: manifest.recipients, artifacts, dropped: droppedTables(manifest.inventory, taken.inventory) };
}

/** All archives of the full belong to a differential of its data files. Finding DIFFERENTIAL_LARGE. */
export function parentOfPages(context: Pick<RunContext, "finding">, { manifest, manifestSha256 }: Pick<Base, "manifest" | "manifestSha256">, { inventory, increment }: { readonly inventory: Inventory; readonly increment: { readonly bytes: number } }): ParentSet {
  // Redo log and tables that are held whole each time make up most of a small one, and cost nothing.
  if (increment.bytes > LARGE_PAGES_BYTES) tellLarge(context, increment.bytes / Math.max(1, manifest.physical?.bytes ?? 0), manifest.id);
  const artifacts = manifest.artifacts.filter(({ role }) => role === "files");
  return { setId: manifest.id, manifestSha256, compression: manifest.compression, recipients: manifest.recipients, artifacts, dropped: droppedTables(manifest.inventory, inventory), ...(manifest.physical ? { physical: manifest.physical } : {}) };
}

function tellLarge(context: Pick<RunContext, "finding">, share: number, set: string): void {
  if (share > LARGE_SHARE) context.finding("warning", faultRecord(new Fault("DIFFERENTIAL_LARGE", { params: { percent: Math.round(share * 100), set } })));
}

/** Every table with rows, or each of its ranges, stands in exactly one file of a set of SQL. Fault DUMP_INCOMPLETE. */
export function requireCovered(inventory: Inventory, own: readonly Artifact[], borrowed: readonly Artifact[] = []): void {
  const uncovered = uncoveredTables(inventory, own, borrowed);
  if (uncovered.length > 0) throw new Fault("DUMP_INCOMPLETE", { params: { missing: `tables: ${uncovered.slice(0, 5).join(", ")}` } });
}
