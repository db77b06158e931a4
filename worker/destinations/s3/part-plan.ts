/** Limits of multipart uploads (Amazon S3 User Guide, "Multipart upload limits"). */
export const MAX_PARTS = 10_000;
export const MAX_PART_BYTES = 5 * 1024 ** 3;
const MEBIBYTE = 1024 * 1024;

export interface Part {
  /** From 1. */
  readonly number: number;
  /** First byte. */
  readonly start: number;
  /** First byte of the next part. */
  readonly end: number;
}

/** The part size for a body: the wished one, or the least whole number of MiB that needs no more than 10,000 parts. */
export function partSize(bytes: number, wished: number): number {
  if (Math.ceil(bytes / wished) <= MAX_PARTS) return wished;
  const size = Math.ceil(bytes / MAX_PARTS / MEBIBYTE) * MEBIBYTE;
  if (size > MAX_PART_BYTES) throw new RangeError(`${bytes} bytes do not fit an S3 object`);
  return size;
}

/** The parts of a body in order; every one but the last has `size` bytes. None for an empty body. */
export function partPlan(bytes: number, size: number): Part[] {
  return Array.from({ length: Math.ceil(bytes / size) }, (_none, index) => ({
    number: index + 1,
    start: index * size,
    end: Math.min((index + 1) * size, bytes),
  }));
}
