import type { DataStream } from "#lib/contract/manifest/manifest.ts";
import type { IsUnchanged } from "#lib/domain/backup/differential.ts";
import type { TableReceiver } from "./data-stream.ts";
import { type DumpedTable, TableArtifacts, type TableSink, type TableWatch } from "./table-artifacts.ts";

/** Rows of one table kept in memory until it is known whether they changed; a table that goes past it is sealed while it comes. Per dump child. */
const HELD_BYTES = 1024 * 1024;

/**
 * Writes only those tables of one data child, or that range of one, into artifacts that differ from what a full holds; all are digested. Whether a table differs is known at its
 * end: small ones wait for it in memory, large ones in an artifact of their own, which is dropped when nothing changed.
 */
export class ChangedTables implements TableReceiver {
  readonly dumped: DumpedTable[] = [];
  readonly #into: TableSink;
  readonly #isUnchanged: IsUnchanged;
  /** Small tables that changed share artifacts. */
  readonly #kept: TableArtifacts;
  #now: Reading | undefined;

  constructor(into: TableSink, isUnchanged: IsUnchanged) {
    this.#into = into;
    this.#isUnchanged = isUnchanged;
    this.#kept = this.#artifacts();
  }

  begin(schema: string, table: string, header: Buffer): void {
    this.#now = { schema, table, header, held: [], bytes: 0, alone: null };
  }

  rows(piece: Buffer): Promise<void> | undefined {
    const now = this.#now;
    if (!now) return undefined;
    this.#into.watch.add(`${now.schema}\0${now.table}`, piece.length);
    if (now.alone) return now.alone.rows(piece);
    // The piece is used again by who reads the child.
    now.held.push(Buffer.from(piece));
    now.bytes += piece.length;
    return now.bytes > HELD_BYTES ? this.#seal(now) : undefined;
  }

  async end(schema: string, table: string, stream: DataStream): Promise<void> {
    const now = this.#now;
    this.#now = undefined;
    const { range, watch } = this.#into;
    this.dumped.push({ schema, table, stream, range });
    watch.finish(`${schema}\0${table}`);
    if (!now) return;
    // A range without rows is told by its digest alone, as in a full.
    const unchanged = this.#isUnchanged(schema, table, stream, range) || (range !== undefined && stream.bytes === 0);
    if (now.alone) return unchanged ? now.alone.discard() : now.alone.close();
    if (unchanged) return;
    await write(this.#kept, now);
  }

  /** Seals what is open; to be called at the end of the child. */
  close(): Promise<void> {
    return this.#kept.close();
  }

  /** From here on the table goes where it can be dropped alone. */
  async #seal(now: Reading): Promise<void> {
    const alone = this.#artifacts();
    await write(alone, now);
    now.held.length = 0;
    now.alone = alone;
  }

  #artifacts(): TableArtifacts {
    return new TableArtifacts({ ...this.#into, watch: UNWATCHED });
  }
}

/** What goes on to an artifact was counted when it came. */
const UNWATCHED: TableWatch = { add: () => undefined, finish: () => undefined };

/** The table that comes now. */
interface Reading {
  readonly schema: string;
  readonly table: string;
  readonly header: Buffer;
  readonly held: Buffer[];
  bytes: number;
  /** Its own artifact, once it is too large to be held. */
  alone: TableArtifacts | null;
}

async function write(artifacts: TableArtifacts, { schema, table, header, held }: Reading): Promise<void> {
  await artifacts.begin(schema, table, header);
  for (const piece of held) {
    const wait = artifacts.rows(piece);
    if (wait) await wait;
  }
}
