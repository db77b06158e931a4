const BLOCK_BYTES = 512;
/** GNU tar's own record: readers that want whole records get them. */
const RECORD_BYTES = 20 * BLOCK_BYTES;

/** One member of an archive. */
export interface TarEntry {
  /** Below the folder that it is unpacked into; no leading slash. */
  readonly path: string;
  readonly kind: "file" | "folder";
  /** Length of its content; 0 for a folder. */
  readonly bytes: number;
  /** Permission bits. */
  readonly mode: number;
  /** Seconds since 1970. */
  readonly modifiedAt: number;
}

/**
 * What stands before a member's content in an archive of GNU's format (tar.h, «GNU_FORMAT»), owner root as with `--owner=0`. Names of any length: those over
 * 99 bytes by a member of type L before. Sizes from 8 GiB on in base 256.
 */
export function tarHeader({ path, kind, bytes, mode, modifiedAt }: TarEntry): Buffer {
  const name = Buffer.from(kind === "folder" ? `${path}/` : path);
  const own = header(name.subarray(0, 99), kind === "folder" ? "5" : "0", bytes, mode, modifiedAt);
  if (name.length < 100) return own;
  const content = Buffer.alloc(padded(name.length + 1, BLOCK_BYTES));
  name.copy(content);
  return Buffer.concat([header(Buffer.from("././@LongLink"), "L", name.length + 1, 0, 0), content, own]);
}

/** Zeros that follow a content of so many bytes. */
export function tarPadding(bytes: number): Buffer {
  return Buffer.alloc(padded(bytes, BLOCK_BYTES) - bytes);
}

/** The end mark of an archive that is `bytes` long so far, filled up to a whole record. */
export function tarEnd(bytes: number): Buffer {
  return Buffer.alloc(padded(bytes + 2 * BLOCK_BYTES, RECORD_BYTES) - bytes);
}

function header(name: Buffer, type: "0" | "5" | "L", bytes: number, mode: number, modifiedAt: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  name.copy(block, 0);
  octal(block, 100, 8, mode & 0o7777);
  octal(block, 108, 8, 0);
  octal(block, 116, 8, 0);
  size(block, bytes);
  octal(block, 136, 12, Math.max(0, Math.floor(modifiedAt)));
  block.write("        ", 148);
  block.write(type, 156);
  block.write("ustar  \0", 257);
  block.write("root", 265);
  block.write("root", 297);
  // Of the block with spaces in this very field (POSIX.1 ustar).
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

function octal(block: Buffer, at: number, length: number, value: number): void {
  block.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at);
}

function size(block: Buffer, bytes: number): void {
  if (bytes < 8 ** 11) octal(block, 124, 12, bytes);
  else {
    block[124] = 0x80;
    block.writeBigUInt64BE(BigInt(bytes), 128);
  }
}

function padded(bytes: number, unit: number): number {
  return Math.ceil(bytes / unit) * unit;
}
