import { constants } from "node:zlib";

export type Compression = "zstd" | "gzip";

/**
 * Parameters for zstd at a level; negative levels are its `--fast` ones. Every frame has a checksum.
 *
 * Why level 1 (measured on 600 MB of mysqldump-like SQL, one Xeon core, CPU seconds → size): zstd -1 2.3 → 173 MB; -3 3.2 → 170 MB;
 * --fast=3 1.8 → 239 MB; gzip -6 20 → 155 MB; -1 6.9 → 188 MB.
 * Why in this process (node:zlib, on its thread pool): 730 MB of mysqldump output from a file cost 3.3 CPU seconds, through a zstd child 4.5; handing
 * the plain bytes to another process costs more than passing the compressed ones on.
 * Why a smaller window and table at level 1: with 128 KiB and 2^13 entries both stay in the processor's own cache. Rows repeat what stands near: 15 % less CPU
 * for 1 % more to store of mysqldump's output; source code, which repeats from afar, comes out 8 % larger (decision 23).
 */
export function zstdParameters(level: number): Record<number, number> {
  if (!Number.isInteger(level) || level < -7 || level > 19 || level === 0) throw new RangeError(`zstd level ${level} is not within -7…-1, 1…19`);
  return {
    [constants.ZSTD_c_compressionLevel]: level,
    [constants.ZSTD_c_checksumFlag]: 1,
    ...(level === 1 ? { [constants.ZSTD_c_windowLog]: 17, [constants.ZSTD_c_hashLog]: 13 } : {}),
  };
}

export const UNZSTD_ARGUMENTS: readonly string[] = ["-q", "--no-progress", "-d", "-c"];

export function gzipLevel(level: number): number {
  if (!Number.isInteger(level) || level < 1 || level > 9) throw new RangeError(`gzip level ${level} is not within 1…9`);
  return level;
}
