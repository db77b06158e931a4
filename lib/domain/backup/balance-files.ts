export interface SizedFile {
  /** Path below the data directory. */
  readonly path: string;
  readonly bytes: number;
}

/** A file costs this much besides its bytes: its header in the archive, opening and closing it. */
const FILE_COST = 16 * 1024;

/** What one archive shall hold at least, before there are more of them than are packed at a time. */
export const PART_BYTES = 256 * 1024 * 1024;
const PARTS_EACH_LANE = 16;

/** How many archives are made of so many bytes where `lanes` are packed at a time: as many as lanes, and more of large data, so that most are stored before the last is packed. */
export function partCount(bytes: number, lanes: number): number {
  return Math.min(lanes * PARTS_EACH_LANE, Math.max(lanes, Math.ceil(bytes / PART_BYTES)));
}

/**
 * Shares files out among at most `parts` archives of about the same size: largest first, each to the lightest part. Each file is in exactly one.
 * Fewer parts where there are fewer files, but always one; the heaviest part first. In a part, files are in the order of their paths.
 */
export function balanceFiles(files: readonly SizedFile[], parts: number): SizedFile[][] {
  const shares = Array.from({ length: Math.max(1, Math.min(parts, files.length)) }, () => ({ files: [] as SizedFile[], cost: 0 }));
  const sorted = [...files].sort((a, b) => b.bytes - a.bytes || byPath(a, b));
  for (const file of sorted) {
    const lightest = shares.reduce((best, share) => (share.cost < best.cost ? share : best));
    lightest.files.push(file);
    lightest.cost += file.bytes + FILE_COST;
  }
  return shares.sort((a, b) => b.cost - a.cost).map((share) => share.files.sort(byPath));
}

function byPath(a: SizedFile, b: SizedFile): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
