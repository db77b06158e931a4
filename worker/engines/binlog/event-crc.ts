import { crc32 } from "node:zlib";

/** Up to this length counting here costs less than a view of the bytes and a call into zlib: 0.08 instead of 0.2 µs for 75 bytes, and as much at 300. */
const SHORT_BYTES = 256;

/** `TABLES[n][byte]`: what a byte leaves behind that n others follow. */
const TABLES = makeTables();
const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];

/** CRC32, as zlib counts it, of the bytes from `from` up to `to`, which must be there. */
export function crcOf(bytes: Buffer, from: number, to: number): number {
  return to - from > SHORT_BYTES ? crc32(bytes.subarray(from, to)) : shortCrc(bytes, from, to);
}

function shortCrc(bytes: Buffer, from: number, to: number): number {
  let crc = -1;
  let at = from;
  for (; at + 8 <= to; at += 8) {
    crc ^= byte(bytes, at) | (byte(bytes, at + 1) << 8) | (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24);
    crc =
      left(T7, crc) ^ left(T6, crc >>> 8) ^ left(T5, crc >>> 16) ^ left(T4, crc >>> 24) ^
      left(T3, byte(bytes, at + 4)) ^ left(T2, byte(bytes, at + 5)) ^ left(T1, byte(bytes, at + 6)) ^ left(T0, byte(bytes, at + 7));
  }
  for (; at < to; at += 1) crc = left(T0, crc ^ byte(bytes, at)) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function byte(bytes: Buffer, at: number): number {
  return bytes[at] as number;
}

function left(table: Int32Array, value: number): number {
  return table[value & 255] as number;
}

function makeTables(): Int32Array[] {
  const none = Int32Array.from({ length: 256 }, (_, value) => {
    let crc = value;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    return crc;
  });
  const tables = [none];
  while (tables.length < 8) tables.push((tables.at(-1) as Int32Array).map((crc) => (crc >>> 8) ^ left(none, crc)));
  return tables;
}
