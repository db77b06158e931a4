import type { ChainFile } from "../chain.ts";

const UUID = "3e11fa47-71ca-11e1-9e33-c80aa9429562";

/** A server that wrote `perFile` transactions into each of `count` files, one a second since second 1,000, with GTIDs or without. */
export function archivedFiles(count: number, perFile: number, options: { gtids?: boolean; serverUuid?: string; epoch?: number } = {}): ChainFile[] {
  const { gtids = true, serverUuid = UUID, epoch = 0 } = options;
  return Array.from({ length: count }, (_, index): ChainFile => {
    const before = index * perFile;
    const last = before + perFile;
    return {
      flavor: "mysql",
      serverUuid,
      epoch,
      file: fileName(index + 1),
      number: index + 1,
      archivedAt: new Date((1000 + last) * 1000).toISOString(),
      content: {
        endPosition: 1000,
        previousGtids: gtids ? (before === 0 ? "" : `${serverUuid}:1-${before}`) : null,
        gtids: gtids ? `${serverUuid}:${before + 1}-${last}` : null,
        latestCommitAt: second(1000 + last),
        end: { kind: "rotated", next: fileName(index + 2) },
      },
      plain: { bytes: 1000, sha256: `${serverUuid} ${epoch} ${index}` },
    };
  });
}

export function fileName(number: number): string {
  return `binlog.${String(number).padStart(6, "0")}`;
}

/** Microseconds as text. */
export function second(seconds: number): string {
  return String(BigInt(seconds) * 1_000_000n);
}
