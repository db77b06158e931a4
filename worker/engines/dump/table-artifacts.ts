import type { DataStream } from "#lib/contract/manifest/manifest.ts";
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

/** Writes the tables of one data child into artifacts: many small tables share one, large ones stand alone. */
export class TableArtifacts implements TableReceiver {
  readonly dumped: DumpedTable[] = [];
  readonly #sink: ArtifactSink;
  readonly #numbers: SegmentNumbers;
  readonly #watch: TableWatch;
  readonly #history: boolean;
  #open: { schema: string; artifact: OpenArtifact; tables: string[] } | undefined;
  #key = "";

  /** `history`: rows of system-versioned tables come with their times. */
  constructor(sink: ArtifactSink, numbers: SegmentNumbers, watch: TableWatch, history = false) {
    this.#sink = sink;
    this.#numbers = numbers;
    this.#watch = watch;
    this.#history = history;
  }

  async begin(schema: string, table: string, header: Buffer): Promise<void> {
    this.#key = `${schema}\0${table}`;
    const open = this.#open;
    if (open) {
      const full = open.artifact.writer.plainBytes + this.#numbers.expectedBytes(schema, table) > SEGMENT_BYTES;
      if (open.schema !== schema || full) await this.close();
    }
    if (!this.#open) {
      const artifact = await this.#sink.open({
        part: "data",
        schema,
        schemaNumber: this.#numbers.schemaNumber(schema),
        segment: this.#numbers.nextSegment(schema),
        lead: useLead(schema),
      });
      await artifact.writer.write(header);
      if (this.#history) await artifact.writer.write(Buffer.from(INSERT_HISTORY));
      this.#open = { schema, artifact, tables: [] };
    }
    this.#open.tables.push(table);
    await this.#open.artifact.writer.write(tableMark(table));
  }

  rows(piece: Buffer): Promise<void> | undefined {
    this.#watch.add(this.#key, piece.length);
    return this.#open?.artifact.writer.write(piece);
  }

  end(schema: string, table: string, stream: DataStream): void {
    this.dumped.push({ schema, table, stream });
    this.#watch.finish(`${schema}\0${table}`);
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
    await open?.artifact.close(open.tables);
  }
}
