import { segmentContent } from "#lib/contract/archive/segment.ts";
import { type BinlogEpoch, segmentKey } from "#lib/domain/backup/storage-keys.ts";
import { asFault, Fault } from "#lib/domain/fault/fault.ts";
import { readAndList } from "./index-transactions.ts";
import type { RawFile } from "./raw-files.ts";
import { type Outgoing, sealFile, waitingFor } from "./seal-file.ts";
import { LEAST_FILE_BYTES } from "./seal-tail.ts";
import { noteFault, type ServerArchive, type Waiting } from "./server-archive.ts";
import { storeEverywhere } from "./store-file.ts";

/** After a destination or a sealing failed, ms. */
const RETRY_MS = 5_000;

/**
 * Seals and stores closed files beside the open one: a file of a gigabyte takes minutes over a slow line, and the tail must not wait for it.
 * Changes nothing but the outbox and the destinations: what it finished is taken and put on record by the loop.
 */
export class ClosedSealer {
  readonly #archive: ServerArchive;
  #running: Promise<void> | null = null;
  #notBefore = Number.NEGATIVE_INFINITY;
  #finished: Waiting[] = [];

  constructor(archive: ServerArchive) {
    this.#archive = archive;
  }

  /** Files that need nothing more, in order and without holes, since the last call: every destination holds them, or nobody ever can. */
  take(): Waiting[] {
    const finished = this.#finished;
    this.#finished = [];
    return finished;
  }

  /** Begins a round over these files, in order, unless one is at work or what it finished was not taken yet. `failed` is told why a round ended. */
  begin(files: readonly Waiting[], failed: (error: unknown) => void): void {
    const { clock } = this.#archive.host;
    if (this.#running || this.#finished.length > 0 || files.length === 0 || clock.monotonic() < this.#notBefore) return;
    this.#running = this.#round(files)
      .catch((error: unknown) => {
        if (!this.#archive.signal.aborted) failed(error);
        return false;
      })
      .then((done) => {
        if (!done) this.#notBefore = clock.monotonic() + RETRY_MS;
        this.#running = null;
      });
  }

  /** Until the round that is at work has ended. */
  async end(): Promise<void> {
    await this.#running;
  }

  /** False when something has to be tried again later. */
  async #round(files: readonly Waiting[]): Promise<boolean> {
    /** Destinations that failed in this round: not tried again for every file. */
    const failing = new Set<string>();
    /** Histories with a file that is not everywhere: what lies behind it waits in the outbox. */
    const holes = new Set<string>();
    for (const file of files) {
      if (this.#archive.signal.aborted) return true;
      const history = `${file.history.uuid}/${file.history.era}`;
      if (!(await this.#bring(file, failing))) holes.add(history);
      else if (!holes.has(history)) this.#finished.push(file);
    }
    return holes.size === 0;
  }

  /** False: it has to be tried again later. */
  async #bring({ history, epoch, raw }: Waiting, failing: Set<string>): Promise<boolean> {
    const archive = this.#archive;
    const log = { server: archive.server, serverUuid: history.uuid, epoch };
    const item = waitingFor(archive.outbox, segmentKey(log, raw.name)) ?? (await this.#seal(log, raw));
    // A damaged file's place stays empty in the chain, which says so; the copy stays here for whoever wants to look.
    if (!item) return true;
    if (!(await storeEverywhere(archive, item, failing))) return false;
    archive.now.lastSealedAt = new Date(archive.host.clock.now()).toISOString();
    return true;
  }

  async #seal(log: BinlogEpoch, raw: RawFile): Promise<Outgoing | null> {
    const { host, signal } = this.#archive;
    const read = await readAndList(host, log, raw, signal).catch((error: unknown) => this.#damaged(raw, error));
    return read && sealFile(this.#archive, { log, raw, content: segmentContent.parse(read.content), piece: null, transactions: read.list });
  }

  #damaged(raw: RawFile, error: unknown): null {
    if (this.#archive.signal.aborted) throw error;
    if (raw.bytes < LEAST_FILE_BYTES) return null;
    noteFault(this.#archive, new Fault("ARCHIVE_FILE_DAMAGED", { params: { server: this.#archive.server, file: raw.name, message: asFault(error).message }, cause: error }));
    return null;
  }
}
