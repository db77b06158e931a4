import { basename } from "node:path";
import type { Progress } from "#lib/contract/events.ts";
import type { Coordinate, DataStream, Inventory, SourceServer } from "#lib/contract/manifest/manifest.ts";
import { DumpVolume } from "#lib/domain/backup/dump-volume.ts";
import { type IsUnchanged, pieceKey } from "#lib/domain/backup/differential.ts";
import type { DumpShare } from "#lib/domain/backup/partition.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { dataArgs } from "#worker/engines/dump/args.ts";
import type { ArtifactSink } from "#worker/engines/dump/artifact-sink.ts";
import { shareLogin } from "#worker/engines/dump/client-login.ts";
import { ChangedTables } from "#worker/engines/dump/changed-tables.ts";
import { readDataStream } from "#worker/engines/dump/data-stream.ts";
import { type DumpChild, startDump } from "#worker/engines/dump/dump-child.ts";
import type { DumpProgram } from "#worker/engines/dump/dump-program.ts";
import { type DumpedTable, type SegmentNumbers, TableArtifacts } from "#worker/engines/dump/table-artifacts.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import { type GatedFile, gatedFiles } from "#worker/exec/gated-file.ts";
import { openOutputSocket, type OutputSocket } from "#worker/exec/output-socket.ts";
import { abortFault } from "#worker/exec/run.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import { behind, Turns } from "#worker/streams/turns.ts";
import { paced } from "#worker/streams/paced.ts";
import type { GentleReading } from "./gentle-reading.ts";
import { settledAll } from "./settled-all.ts";

export interface DataChildrenOptions {
  readonly access: ServerAccess;
  readonly server: SourceServer;
  readonly client: ClientTools;
  readonly sink: ArtifactSink;
  readonly inventory: Inventory;
  /** MariaDB children read their own coordinate; false where the server has no binary log. */
  readonly binlog: boolean;
  readonly program: DumpProgram;
  /** Differential: what need not be stored again, and the first number that its data artifacts may have. */
  readonly since?: { readonly isUnchanged: IsUnchanged; readonly firstSegment: number } | undefined;
  /** First number that data artifacts may have, where others stand in the set already. */
  readonly firstSegment?: number | undefined;
  /** Children that are read at once, where there are more; all stand in the snapshot meanwhile. Absent: all are. */
  readonly streams?: number | undefined;
  readonly signal: AbortSignal;
  /** Production is read as gently as this says; absent: nobody else uses the server. */
  readonly gentle?: GentleReading | undefined;
  readonly progress: (progress: Progress) => void;
}

/** A dump program that has not even started after this is not going to, ms. */
const START_MS = 60_000;

interface Reading {
  readonly share: DumpShare;
  readonly child: DumpChild;
  readonly done: Promise<Place | null>;
}

/** How a child comes into the common snapshot. */
interface Entrance {
  readonly gate: GatedFile;
  /** When and how fast it is read. */
  pace(output: AsyncIterable<Buffer>): AsyncIterable<Buffer>;
}

interface Place {
  readonly file: string;
  readonly position: string;
}

/** The dump children of one backup: all enter the same snapshot, each writes its share of the tables into artifacts. */
export class DataChildren {
  readonly #options: DataChildrenOptions;
  readonly #numbers: SegmentNumbers;
  readonly #dumped: DumpedTable[] = [];
  readonly #volume: DumpVolume;
  /** Shares that are still to end of each table that is dumped in ranges. */
  readonly #rangesLeft = new Map<string, number>();
  readonly #entered = Promise.withResolvers<void>();
  #readings: Reading[] = [];

  constructor(options: DataChildrenOptions) {
    this.#options = options;
    // Whoever waits to read would wait for ever.
    options.signal.addEventListener("abort", () => this.#entered.resolve(), { once: true });
    this.#numbers = segmentNumbers(options.inventory, options.since?.firstSegment ?? options.firstSegment ?? 1);
    for (const schema of options.inventory.schemas) for (const { name, cut } of schema.tables) if (cut) this.#rangesLeft.set(pieceKey(schema.name, name), cut.ranges.length);
    this.#volume = new DumpVolume(new Map(options.inventory.schemas.flatMap((schema) => schema.tables.map((table) => [`${schema.name}\0${table.name}`, table.dataBytes] as const))));
  }

  /**
   * Starts a child per share and waits until each stands at its gate. To be called before the lock: starting programs takes longer than everything that is done under it. None can
   * open a snapshot yet, since none knows the server or a password. Fault DUMP_FAILED.
   */
  async prepare(shares: readonly DumpShare[]): Promise<void> {
    const { streams, client, signal } = this.#options;
    const turns = streams !== undefined && shares.length > streams ? new Turns(streams) : undefined;
    const pace = (output: AsyncIterable<Buffer>): AsyncIterable<Buffer> => behind(this.#entered.promise, turns?.read(output) ?? output);
    const gates = await gatedFiles(shares.length);
    let timer: NodeJS.Timeout | undefined;
    try {
      for (const [index, share] of shares.entries()) {
        if (signal.aborted) throw abortFault(signal);
        const gate = gates.files[index];
        // It would come to the server before the lock.
        if (!gate) throw new Error("a dump program without a gate");
        this.#readings.push(this.#start(share, await openOutputSocket(), { gate, pace }));
      }
      const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new Fault("DUMP_FAILED", { params: { tool: basename(client.mysqldump), message: `not started within ${START_MS / 1000} s` } })), START_MS);
      });
      await Promise.race([Promise.all(this.#readings.map(({ child }) => child.atGate)), late]);
    } finally {
      clearTimeout(timer);
      await gates.discard();
    }
  }

  /** Lets all children in and waits until each stands in its snapshot. To be called under the global lock. None is read before: the first would take the processor from those that still connect, and writers wait for them. */
  async enter(): Promise<void> {
    try {
      for (const { child } of this.#readings) child.letIn();
      await Promise.all(this.#readings.map((reading) => Promise.race([reading.child.inSnapshot, reading.done.then(() => undefined)])));
    } finally {
      this.#entered.resolve();
    }
  }

  /** Copies shares to their end at once: tables of engines without snapshots, while writers are held. */
  async copyNow(shares: readonly DumpShare[]): Promise<void> {
    const readings: Reading[] = [];
    for (const share of shares) readings.push(this.#start(share, await openOutputSocket()));
    this.#readings.push(...readings);
    await Promise.all(readings.map((reading) => reading.done));
  }

  /** Waits for all children; gives the digest of each table's rows by `pieceKey`: `schema\0table`, or that of a range. Fault COORDINATE_MISMATCH. */
  async finish(coordinate: Coordinate | null): Promise<Map<string, DataStream>> {
    const places = await settledAll(this.#readings.map((reading) => reading.done), () => {
      for (const reading of this.#readings) reading.child.tool.kill();
    });
    for (const place of places) {
      if (!coordinate || !place) continue;
      if (place.file !== coordinate.file || place.position !== coordinate.position) {
        throw new Fault("COORDINATE_MISMATCH", { params: { coordinates: `${coordinate.file}:${coordinate.position}, ${place.file}:${place.position}` } });
      }
    }
    if (coordinate && this.#options.server.flavor === "mariadb" && places.some((place) => place === null)) throw new Fault("COORDINATE_MISMATCH", { params: { coordinates: "a stream named none" } });
    return new Map(this.#dumped.map(({ schema, table, stream, range }) => [pieceKey(schema, table, range), stream]));
  }

  #start(share: DumpShare, socket: OutputSocket, entrance?: Entrance): Reading {
    const { access, server, client, sink, signal, binlog, program, since, gentle } = this.#options;
    const child = startDump({
      socket,
      program: client.mysqldump,
      args: dataArgs(server.flavor, share, { binlog, program, optionFile: entrance?.gate.path }),
      login: shareLogin(access, server.flavor, share),
      gate: entrance?.gate,
      pluginDir: client.pluginDir,
      signal,
      // What is copied under the lock gives way to nobody: writers wait for it.
      niceness: entrance && gentle?.priority,
    });
    const watch = {
      add: (table: string, bytes: number) => {
        this.#volume.add(table, bytes);
        this.#tell(table);
      },
      finish: (table: string) => {
        const left = (this.#rangesLeft.get(table) ?? 1) - 1;
        this.#rangesLeft.set(table, left);
        if (left === 0) this.#volume.finish(table);
        this.#tell(table);
      },
    };
    const { history } = program;
    const into = { sink, numbers: this.#numbers, watch, history, range: share.kind === "tables" ? share.range : undefined };
    const artifacts = since ? new ChangedTables(into, since.isUnchanged) : new TableArtifacts(into);
    const done = this.#read(share, entrance ? { ...child, output: entrance.pace(child.output) } : child, artifacts);
    done.catch(() => undefined);
    return { share, child, done };
  }

  async #read(share: DumpShare, child: DumpChild, artifacts: TableArtifacts | ChangedTables): Promise<Place | null> {
    const { gentle } = this.#options;
    const output = gentle ? paced(child.output, gentle) : child.output;
    try {
      const end = await readDataStream(output, share.kind === "tables" ? share.schema : null, artifacts);
      await child.settle();
      await artifacts.close();
      this.#dumped.push(...artifacts.dumped);
      return end.coordinate;
    } catch (error) {
      child.tool.kill();
      // What the program itself says is nearer to the cause than the cut stream it left.
      if (error instanceof Fault && error.code === "DUMP_TRUNCATED") await child.settle();
      throw error;
    }
  }

  #tell(table: string): void {
    const { bytesDone, bytesTotal, tablesDone, tables } = this.#volume;
    this.#options.progress({ stage: "dump", bytesDone, bytesTotal, itemsDone: tablesDone, itemsTotal: tables, item: table.replace("\0", ".") });
  }
}

function segmentNumbers(inventory: Inventory, first: number): SegmentNumbers {
  const numbers = new Map(inventory.schemas.map((schema, index) => [schema.name, index + 1]));
  const segments = new Map<string, number>();
  const sizes = new Map(inventory.schemas.flatMap((schema) => schema.tables.map((table) => [`${schema.name}\0${table.name}`, table.dataBytes] as const)));
  return {
    schemaNumber: (schema) => numbers.get(schema) ?? 0,
    nextSegment(schema) {
      const next = (segments.get(schema) ?? first - 1) + 1;
      segments.set(schema, next);
      return next;
    },
    expectedBytes: (schema, table) => sizes.get(`${schema}\0${table}`) ?? 0,
  };
}
