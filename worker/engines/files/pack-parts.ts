import type { Artifact } from "#lib/contract/manifest/manifest.ts";
import { balanceFiles, partCount } from "#lib/domain/backup/balance-files.ts";
import { inLanes } from "#worker/streams/in-lanes.ts";
import type { DataFiles } from "./data-files.ts";
import { type PackJob, packFiles } from "./pack-files.ts";

export interface PartsJob extends Omit<PackJob, "part" | "files" | "folders"> {
  readonly content: DataFiles;
  /** Parts that are made at a time. */
  readonly lanes: number;
  /** Told each part that is whole, while others are still made. */
  readonly onSealed?: ((artifact: Artifact) => void) | undefined;
}

/**
 * All files of a data directory in archive parts, in the order of their names, the heaviest first: those are stored while others are packed, and what is left
 * to store at the end is small. Whatever fails first ends the others. Faults: those of {@link packFiles}.
 */
export async function packParts({ content, lanes, onSealed, ...job }: PartsJob): Promise<Artifact[]> {
  const shares = balanceFiles(content.files, partCount(content.bytes, lanes));
  return inLanes(shares, lanes, job.signal, async (files, index, signal) => {
    const artifact = await packFiles({ ...job, signal, part: index + 1, files, folders: index === 0 ? content.folders : [] });
    onSealed?.(artifact);
    return artifact;
  });
}
