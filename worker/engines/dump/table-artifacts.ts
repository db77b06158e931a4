import type { DataStream } from "#lib/contract/manifest/manifest.ts";
import type { TableRange } from "#lib/domain/backup/key-ranges.ts";
import { type ArtifactSink, type OpenArtifact, useLead } from "./artifact-sink.ts";
import { type TableReceiver, tableMark } from "./data-stream.ts";

/** A data artifact is closed at the first table boundary past this many bytes; a larger table stands alone in its artifact. */
const SEGMENT_BYTES = 64 * 1024 * 1024;

/** Lets rows of the past be written with their own times. The program says so around each such table only, where we keep rows alone. */
const INSERT_HISTORY = "/*M!101100 SET SESSION system_versioning_insert_history = 1 */;\n";

export interface DumpedTable {
  readonly schema: string;
  readonly table: string;
  readonly stream: DataStream;
  /** These rows alone. */
  readonly range?: TableRange | undefined;
}

export interface SegmentNumbers {
  /** Number of a schema in the inventory, from 1. */
  schemaNumber(schema: string): number;
  /** Next free segment number of a schema, from 1; shared by all children. */
  nextSegment(schema: string): number;
  /** Bytes that the server thinks a table holds. */
  expectedBytes(schema: string, table: string): number;
}

/** Hears how far the children are; tables keyed `schema\0table`. */
export interface TableWatch {
  add(table: string, bytes: number): void;
  finish(table: string): void;
}

/** Where the tables of one data child go. */
export interface TableSink {
  readonly sink: ArtifactSink;
  readonly numbers: SegmentNumbers;
  readonly watch: TableWatch;
  /** Rows of system-versioned tables come with their times. */
  readonly history: boolean;
  /** The child dumps this range of one table. */
  readonly range?: TableRange | undefined;
}

/** Writes the tables of one data child into artifacts: many small tables share one, large ones stand alone. A range without rows leaves none. */
export class TableArtifacts implements TableReceiver {
  readonly dumped: DumpedTable[] = [];
  readonly #into: TableSink;
  #open: { schema: string; artifact: OpenArtifact; tables: string[] } | undefined;
  #key = "";

  constructor(into: TableSink) {
    this.#into = into;
  }

  async begin(schema: string, table: string, header: Buffer): Promise<void> {
    this.#key = `${schema}\0${table}`;
    const open = this.#open;
    if (open) {
      const full = open.artifact.writer.plainBytes + this.#into.numbers.expectedBytes(schema, table) > SEGMENT_BYTES;
      if (open.schema !== schema || full) await this.close();
    }
    if (!this.#open) {
      const artifact = await this.#into.sink.open({
        part: "data",
        schema,
        schemaNumber: this.#into.numbers.schemaNumber(schema),
        segment: this.#into.numbers.nextSegment(schema),
        lead: useLead(schema),
      });
      await artifact.writer.write(header);
      if (this.#into.history) await artifact.writer.write(Buffer.from(INSERT_HISTORY));
      this.#open = { schema, artifact, tables: [] };
    }
    this.#open.tables.push(table);
    await this.#open.artifact.writer.write(tableMark(table));
  }

  rows(piece: Buffer): Promise<void> | undefined {
    this.#into.watch.add(this.#key, piece.length);
    return this.#open?.artifact.writer.write(piece);
  }

  async end(schema: string, table: string, stream: DataStream): Promise<void> {
    const { range, watch } = this.#into;
    this.dumped.push({ schema, table, stream, range });
    watch.finish(`${schema}\0${table}`);
    if (range && stream.bytes === 0) await this.discard();
  }

  /** Drops what is open, with all tables in it. */
  async discard(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.artifact.discard();
  }

  /** Seals what is open; to be called at the end of the child. */
  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.artifact.close(open.tables, this.#into.range);
  }
}
