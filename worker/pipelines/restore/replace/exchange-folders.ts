import { rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { ReplacementRecord } from "#lib/contract/recovery/replacement.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { folderStanding } from "#lib/domain/recovery/folder-standing.ts";
import { holderOf } from "#worker/engines/data-folder/holder.ts";
import { inodeOf } from "#worker/engines/data-folder/require-fit.ts";
import { syncFolder } from "#worker/host/replace-file.ts";
import type { HostFolders } from "#worker/host/runtime.ts";
import { readReplacement, writeReplacement } from "./replacement-record.ts";
import { inUse } from "./require-stopped.ts";

/**
 * The two renames. A server that started just before the first one has its files open under the new name: that is looked for between the two, and refused.
 * `tell`: is told there. Faults DATADIR_IN_USE, REPLACEMENT_UNCLEAR; whoever calls takes back.
 */
export async function exchangeFolders(record: ReplacementRecord, tell: (text: string) => void): Promise<void> {
  const { folder, kept, incoming } = record;
  const standing = await standingOf(record);
  if (standing !== "before") throw unclear(record);
  await move(folder, kept);
  tell(`${folder} is kept as ${kept}`);
  const holder = holderOf(kept);
  if (holder) throw inUse(record, holder);
  await move(incoming, folder);
}

/**
 * Ends an exchange that was cut off, by where the directories are: forward when the first has left its name and nobody works on it, unless it was to go `back`; else all bear their old names again.
 * What was made for it and is not used is removed. Faults REPLACEMENT_UNCLEAR, with nothing touched.
 */
export async function endExchange(folders: HostFolders, record: ReplacementRecord, wanted: "forward" | "back"): Promise<"replaced" | "taken-back"> {
  const standing = await standingOf(record);
  if (standing === "unclear") throw unclear(record);
  if (standing === "between") await (wanted === "back" || holderOf(record.kept) ? move(record.kept, record.folder) : move(record.incoming, record.folder));
  const state = (await standingOf(record)) === "after" ? "replaced" : "taken-back";
  // What an earlier exchange kept is nobody's to remove.
  if (state === "taken-back" && record.undoes === undefined && (await inodeOf(record.incoming)) === record.comes) await rm(record.incoming, { recursive: true });
  closeExchange(folders, record, state);
  return state;
}

/** On record as ended; one that another took back is closed with it. */
export function closeExchange(folders: HostFolders, record: ReplacementRecord, state: "replaced" | "taken-back"): void {
  writeReplacement(folders, { ...record, state });
  if (state === "replaced" && record.undoes !== undefined) writeReplacement(folders, { ...readReplacement(folders, record.undoes), state: "undone" });
}

/** Where the directories of an exchange are now. */
export async function standingOf(record: ReplacementRecord): Promise<ReturnType<typeof folderStanding>> {
  const [folder, kept, incoming] = await Promise.all([record.folder, record.kept, record.incoming].map(inodeOf));
  return folderStanding(record, { folder: folder ?? null, kept: kept ?? null, incoming: incoming ?? null });
}

/** REPLACEMENT_UNCLEAR. */
export function unclear({ runId, folder, kept, incoming }: ReplacementRecord): Fault {
  return new Fault("REPLACEMENT_UNCLEAR", { params: { run: runId, path: folder, message: [folder, kept, incoming].join(", ") } });
}

/** Both names are safe on disk. Never over what is there: a directory that is not empty refuses (ENOTEMPTY). */
async function move(from: string, to: string): Promise<void> {
  await rename(from, to);
  for (const parent of new Set([dirname(to), dirname(from)])) syncFolder(parent);
}
