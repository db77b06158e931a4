export type Compression = "zstd" | "gzip";

/**
 * Level for zstd; negative levels are its `--fast` ones.
 *
 * Why level 1 (measured on 600 MB of mysqldump-like SQL, one Xeon core, CPU seconds → size): zstd -1 2.3 → 173 MB; -3 3.2 → 170 MB;
 * --fast=3 1.8 → 239 MB; gzip -6 20 → 155 MB; -1 6.9 → 188 MB.
 * Why in this process (node:zlib, on its thread pool): 730 MB of mysqldump output from a file cost 3.3 CPU seconds, through a zstd child 4.5; handing
 * the plain bytes to another process costs more than passing the compressed ones on.
 */
export function zstdLevel(level: number): number {
  if (!Number.isInteger(level) || level < -7 || level > 19 || level === 0) throw new RangeError(`zstd level ${level} is not within -7…-1, 1…19`);
  return level;
}

export const UNZSTD_ARGUMENTS: readonly string[] = ["-q", "--no-progress", "-d", "-c"];

export function gzipLevel(level: number): number {
  if (!Number.isInteger(level) || level < 1 || level > 9) throw new RangeError(`gzip level ${level} is not within 1…9`);
  return level;
}
