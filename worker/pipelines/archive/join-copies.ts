import { open } from "node:fs/promises";
import { rmSync } from "node:fs";
import type { RawFile } from "./raw-files.ts";

const PIECE = 1024 * 1024;
/** Place and bit of «in use» in the first event: the server sets it while a file is open and clears it later. */
const FLAGS_AT = 21;
const IN_USE = 0x01;

/** Two copies of one file: the older session's and the newer one's. */
export interface Twins {
  readonly older: RawFile;
  readonly newer: RawFile;
}

/** Files of one history that are here twice, the two newest copies of each. */
export function twinsOf(files: readonly RawFile[]): Twins[] {
  const byName = new Map<string, RawFile[]>();
  for (const file of files) byName.set(file.name, [...(byName.get(file.name) ?? []), file]);
  return [...byName.values()].flatMap((copies) => {
    const [older, newer] = copies.slice(-2);
    return older && newer ? [{ older, newer }] : [];
  });
}

/**
 * Decides between two copies. `joined`: the newer one begins with every byte of the older one, which was then removed. `undecided`: it is not yet as long, and
 * may still grow. `differs`: it has other bytes, or ended before the older one; both are left as they are.
 * @param sound bytes of the older copy that count; behind them stands an event that was torn when its stream was killed
 */
export async function joinCopies({ older, newer }: Twins, sound: number, newerClosed: boolean): Promise<"joined" | "undecided" | "differs"> {
  if (newer.bytes < sound) return newerClosed ? "differs" : "undecided";
  if (!(await samePrefix(older.path, newer.path, sound))) return "differs";
  rmSync(older.path, { force: true });
  return "joined";
}

async function samePrefix(one: string, other: string, bytes: number): Promise<boolean> {
  const files = await Promise.all([open(one, "r"), open(other, "r")]);
  try {
    for (let at = 0; at < bytes; at += PIECE) {
      const length = Math.min(PIECE, bytes - at);
      const [a, b] = await Promise.all(
        files.map(async (file) => {
          const piece = Buffer.alloc(length);
          const { bytesRead } = await file.read(piece, 0, length, at);
          if (at === 0 && bytesRead > FLAGS_AT) piece.writeUInt8(piece.readUInt8(FLAGS_AT) & ~IN_USE, FLAGS_AT);
          return piece.subarray(0, bytesRead);
        }),
      );
      if (!a || !b || a.length < length || !a.equals(b)) return false;
    }
    return true;
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
}
