import { pieceLayout } from "#lib/domain/archive/tail-pieces.ts";
import { type BinlogEpoch, epochPrefix, parseSegmentKey, tailKey } from "#lib/domain/backup/storage-keys.ts";
import { FollowedFile } from "./followed-file.ts";
import { clearOutbox, outboxKeys, sealFile } from "./seal-file.ts";
import type { ServerArchive, Waiting } from "./server-archive.ts";
import { removeTails, storeEverywhere } from "./store-file.ts";

/**
 * Least time between two looks at an open file, ms; when it grew by a megabyte and more meanwhile, the server is busy, and the last piece is sealed anew less often. For each
 * 128 MiB of it one second more, since the list of its transactions is copied.
 */
const LEAST_TAIL_MS = 8_000;
const BUSY_TAIL_MS = 15_000;
const BUSY_BYTES = 1024 * 1024;
const BYTES_A_SECOND = 128 * 1024 * 1024;
/** A file's description and the list of what went before take more: below it, no transaction can stand there. */
export const LEAST_FILE_BYTES = 150;

/** A file that is not everywhere; `closed`: the server has gone on to the next one. */
export interface Growing extends Waiting {
  readonly closed: boolean;
}

/**
 * Brings away what the server writes, piece by piece: full pieces once, and the last short one anew each time. A file that was closed meanwhile is brought to its
 * end in the same way, so that its successor can be reached before the whole of it is sealed and stored.
 */
export class TailSealer {
  readonly #archive: ServerArchive;
  readonly #followed = new Map<string, FollowedFile>();
  /** By path: bytes that every destination holds. */
  readonly #stored = new Map<string, number>();
  /** By path: bytes at the last look. */
  readonly #seen = new Map<string, number>();
  #at = Number.NEGATIVE_INFINITY;

  constructor(archive: ServerArchive) {
    this.#archive = archive;
  }

  /** Looks at all files that are not everywhere, in order; those that are not among them are followed no longer. False when something has to be tried again later. Faults of readSegment and sealFile. */
  async bring(files: readonly Growing[]): Promise<boolean> {
    const paths = new Set(files.map(({ raw }) => raw.path));
    for (const path of this.#followed.keys()) if (!paths.has(path)) this.#forget(path);
    const begun = files.some(({ closed }) => closed) ? outboxKeys(this.#archive.outbox) : [];
    /** Destinations that failed in this pass: not tried again for every file. */
    const failing = new Set<string>();
    let done = true;
    for (const file of files) {
      if (this.#archive.signal.aborted) return true;
      if (this.#isDue(file, begun)) done = (await this.#bringFile(file, failing)) && done;
    }
    return done;
  }

  close(): void {
    for (const path of this.#followed.keys()) this.#forget(path);
  }

  #isDue({ raw, closed, ...file }: Growing, begun: readonly string[]): boolean {
    if (raw.bytes < LEAST_FILE_BYTES || this.#stored.get(raw.path) === raw.bytes) return false;
    // Of what was closed before anything of it was brought away, the whole goes.
    if (closed) return begun.some((key) => isPieceOf(key, this.#logOf(file), raw.name));
    const least = raw.bytes - (this.#seen.get(raw.path) ?? raw.bytes) < BUSY_BYTES ? LEAST_TAIL_MS : BUSY_TAIL_MS;
    return this.#archive.host.clock.monotonic() - this.#at >= least + (raw.bytes / BYTES_A_SECOND) * 1000;
  }

  async #bringFile(file: Growing, failing: Set<string>): Promise<boolean> {
    const { raw, closed } = file;
    const whole = await this.#bringPieces(file, failing);
    if (closed) {
      // Once: a destination that is away gets the whole when it is back.
      clearOutbox(this.#archive.outbox, (key) => isPieceOf(key, this.#logOf(file), raw.name));
      this.#forget(raw.path);
      return true;
    }
    this.#at = this.#archive.host.clock.monotonic();
    this.#seen.set(raw.path, raw.bytes);
    if (whole) this.#stored.set(raw.path, raw.bytes);
    return whole;
  }

  async #bringPieces({ raw, closed, ...file }: Growing, failing: Set<string>): Promise<boolean> {
    const archive = this.#archive;
    const { host, signal } = archive;
    const pieceBytes = host.config.archivePieceBytes;
    const log = this.#logOf(file);
    const followed = this.#followed.get(raw.path) ?? new FollowedFile(host, log, raw, { pieceBytes, signal });
    this.#followed.set(raw.path, followed);
    const last = await followed.readOn().catch((error: unknown) => {
      this.#forget(raw.path);
      throw error;
    });
    const { endPosition } = last.content;
    const pieces = pieceLayout(endPosition, pieceBytes);
    const keys = new Set(pieces.map((piece) => tailKey(log, raw.name, piece)));
    // Shorter ones are needed by nobody any more, wherever they are not yet.
    clearOutbox(archive.outbox, (key) => isPieceOf(key, log, raw.name) && !keys.has(key));
    let everywhere = true;
    for (const piece of pieces) {
      const { content, sha256 } = piece.end === endPosition ? last : followed.before(piece.end);
      const end = closed && piece.end === endPosition ? content.end : ({ kind: "open" } as const);
      const item = await sealFile(archive, { log, raw, content: { ...content, end }, piece: { ...piece, beginningSha256: sha256 } });
      // In order: what a destination holds can be joined at any moment.
      everywhere = (await storeEverywhere(archive, item, failing)) && everywhere;
    }
    if (signal.aborted) return false;
    // Where all of them are: while one destination is away, the others keep no heap of short pieces.
    await removeTails(archive, log, { file: raw.name, except: failing, replaced: (key, end) => !keys.has(key) && end <= endPosition });
    if (everywhere) archive.now.lastSealedAt = new Date(host.clock.now()).toISOString();
    return everywhere;
  }

  #logOf({ history, epoch }: Pick<Waiting, "history" | "epoch">): BinlogEpoch {
    return { server: this.#archive.server, serverUuid: history.uuid, epoch };
  }

  #forget(path: string): void {
    this.#followed.get(path)?.close();
    this.#followed.delete(path);
    this.#stored.delete(path);
    this.#seen.delete(path);
  }
}

function isPieceOf(key: string, log: BinlogEpoch, file: string): boolean {
  return key.startsWith(`${epochPrefix(log)}${file}.`) && parseSegmentKey(key)?.tailEnd != null;
}
