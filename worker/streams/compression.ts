import { constants } from "node:zlib";

export type Compression = "zstd" | "gzip";

/** How the files of a set are compressed: all at one level, or each at the one that is said when it begins. */
export interface FileCompression {
  readonly codec: Compression;
  readonly level: number | ((file: string) => number);
}

/** The level for a file that begins now; where each has its own, also what the manifest says of it. */
export function levelOf({ level }: FileCompression, file: string): { readonly level: number; readonly noted: { readonly level?: number } } {
  if (typeof level === "number") return { level, noted: {} };
  const own = level(file);
  return { level: own, noted: { level: own } };
}

/**
 * Parameters for zstd at a level. Every frame has a checksum.
 *
 * Why level 1 (measured on 600 MB of mysqldump-like SQL, one Xeon core, CPU seconds → size): zstd -1 2.3 → 173 MB; -3 3.2 → 170 MB;
 * --fast=3 1.8 → 239 MB; gzip -6 20 → 155 MB; -1 6.9 → 188 MB.
 * Why in this process (node:zlib, on its thread pool): 730 MB of mysqldump output from a file cost 3.3 CPU seconds, through a zstd child 4.5; handing
 * the plain bytes to another process costs more than passing the compressed ones on.
 * Why a smaller window and table at level 1: with 128 KiB and 2^12 entries (16 KiB) both stay in the processor's own cache. Rows repeat what stands near: 15 % less CPU
 * for 1 % more to store of mysqldump's output; source code, which repeats from afar, comes out 8 % larger (decision 23).
 */
export function zstdParameters(level: number): Record<number, number> {
  // Below 1 are its `--fast` levels: node:zlib takes -1 for «not set», which is 3.
  if (!Number.isInteger(level) || level < 1 || level > 19) throw new RangeError(`zstd level ${level} is not within 1…19`);
  return {
    [constants.ZSTD_c_compressionLevel]: level,
    [constants.ZSTD_c_checksumFlag]: 1,
    ...(level === 1 ? { [constants.ZSTD_c_windowLog]: 17, [constants.ZSTD_c_hashLog]: 12 } : {}),
  };
}

export const UNZSTD_ARGUMENTS: readonly string[] = ["-q", "--no-progress", "-d", "-c"];

export function gzipLevel(level: number): number {
  if (!Number.isInteger(level) || level < 1 || level > 9) throw new RangeError(`gzip level ${level} is not within 1…9`);
  return level;
}
