import { constants, inflateSync } from "node:zlib";
import type { ArchivedTransaction } from "#lib/contract/archive/transaction.ts";
import type { SegmentEnd } from "#lib/contract/archive/segment.ts";
import { type EventHeader, EventFramer, type EventPiece, WHOLE_BYTES } from "./event-framer.ts";
import { EVENT, ROW_EVENTS, type RowEventKind } from "./event-types.ts";
import { readGtidEvent, readMariadbGtidEvent, readMariadbGtidList, readPreviousGtids, readTaggedGtidEvent } from "./gtid-events.ts";
import { mariadbCompressedLead } from "./inflater.ts";
import { type OpenedBody, PieceRouter } from "./piece-router.ts";
import { QueryEvents } from "./query-event.ts";
import { NO_TABLE, openPayload, openRows } from "./row-sinks.ts";
import { SegmentTally } from "./segment-tally.ts";
import { type TableMap, TableMaps } from "./table-map.ts";
import { TransactionBuilder } from "./transaction-builder.ts";
import { WholeRows } from "./whole-rows.ts";

/** Of a compressed statement no more is opened: at most a thousand times as much text. */
const STATEMENT_BYTES = 4096;
const NONE: readonly ArchivedTransaction[] = [];

/** Understands the events of one file, in order. */
export class SegmentEvents {
  readonly tally: SegmentTally;
  /** How the last event ends the file. */
  end: SegmentEnd = { kind: "torn" };
  serverVersion = "";
  serverId = 0;
  readonly #file: string;
  readonly #builder: TransactionBuilder;
  readonly #known = new TableMaps();
  readonly #maps = new Map<number, TableMap>();
  readonly #queries = new QueryEvents();
  readonly #rows = new WholeRows();
  readonly #outer: PieceRouter;
  /** Inside a compressed transaction: where its event ends. */
  #payloadEnd: number | undefined;
  #whole: readonly ArchivedTransaction[] = NONE;

  /** `heartbeatSchema`: transactions that are nothing but heartbeats are counted apart. */
  constructor(file: string, heartbeatSchema: string | null = null) {
    this.#file = file;
    this.tally = new SegmentTally(heartbeatSchema);
    this.#builder = new TransactionBuilder(file);
    this.#outer = this.#router();
  }

  /** Takes the next piece of the file; a promise asks to wait before the next. */
  take(piece: EventPiece): Promise<void> | undefined {
    if (piece.first) this.end = { kind: "torn" };
    return this.#outer.take(piece);
  }

  /** Transactions that became whole since the last call. */
  takeTransactions(): readonly ArchivedTransaction[] {
    const whole = this.#whole;
    this.#whole = NONE;
    return whole;
  }

  #router(): PieceRouter {
    return new PieceRouter({
      stream: (header, body) => this.#stream(header, body),
      whole: (header, body) => this.#event(header, body),
      gathers: (type) => type === EVENT.previousGtids || type === EVENT.mariadbGtidList,
    });
  }

  #stream(header: EventHeader, body: Buffer): OpenedBody | undefined {
    const kind = ROW_EVENTS.get(header.type);
    if (kind) return isWhole(header, kind) ? undefined : openRows(kind, body, this.#maps, (map, rows) => this.#counted(map, kind, rows));
    if (header.type !== EVENT.transactionPayload) return undefined;
    this.#payloadEnd = header.position + header.size;
    const framer = new EventFramer({ file: this.#file, inner: true });
    const router = this.#router();
    const take = (bytes: Buffer): void => {
      framer.push(bytes);
      for (let piece = framer.next(); piece; piece = framer.next()) {
        if (router.take(piece)) throw new RangeError("a compressed transaction holds compressed events");
      }
    };
    return openPayload(body, header.size, take, () => {
      if (framer.unfinished) throw new RangeError("a compressed transaction ends inside an event");
      this.#payloadEnd = undefined;
    });
  }

  #event(header: EventHeader, body: Buffer): void {
    const end = this.#payloadEnd ?? header.position + header.size;
    switch (header.type) {
      case EVENT.formatDescription:
        this.serverVersion = body.toString("latin1", 2, 52).replace(/\0.*$/s, "");
        this.serverId = header.serverId;
        break;
      case EVENT.previousGtids:
        this.tally.previousGtids = readPreviousGtids(body);
        break;
      case EVENT.mariadbGtidList:
        this.tally.previousList = readMariadbGtidList(body);
        break;
      case EVENT.gtid:
      case EVENT.anonymousGtid:
      case EVENT.taggedGtid:
      case EVENT.mariadbGtid:
        this.#begin(header, body);
        break;
      case EVENT.tableMap: {
        const map = this.#known.read(body);
        this.#maps.set(map.id, map);
        break;
      }
      case EVENT.query:
      case EVENT.executeLoadQuery:
      case EVENT.mariadbQueryCompressed:
        this.#query(header, body, end);
        break;
      case EVENT.incident:
        this.#beginUnnamed(header);
        this.#finished(this.#builder.incident(end));
        break;
      case EVENT.xid:
        this.#finished(this.#builder.finish(end));
        break;
      case EVENT.xaPrepare: // its first byte: committed in one phase
        this.#finished(this.#builder.finish(end, body[0] === 0 ? "prepare" : null));
        break;
      case EVENT.rotate:
        this.end = { kind: "rotated", next: body.toString("utf8", 8) };
        break;
      case EVENT.stop:
        this.end = { kind: "stopped" };
        break;
      case EVENT.mariadbStartEncryption:
        throw new RangeError("the server encrypted the rest of the file");
      default: {
        const kind = ROW_EVENTS.get(header.type);
        if (kind) this.#wholeRows(kind, body);
      }
    }
  }

  #wholeRows(kind: RowEventKind, body: Buffer): void {
    const id = body.readUIntLE(0, 6);
    const map = this.#maps.get(id);
    if (map || id !== NO_TABLE) this.#counted(map, kind, map ? this.#rows.count(map, kind, body) : null);
  }

  #counted(map: TableMap | undefined, kind: RowEventKind, rows: number | null): void {
    if (!map || rows === null) this.#builder.uncountedRows();
    if (map) this.#builder.rows(map.schema, map.table, kind.change, rows ?? 0);
  }

  #begin(header: EventHeader, body: Buffer): void {
    this.#finished(this.#builder.finish(header.position)); // a transaction without an end that is known here
    const start = header.position;
    this.tally.transactionEnd ||= start;
    if (header.type === EVENT.mariadbGtid) {
      const { domain, sequence, standalone } = readMariadbGtidEvent(body);
      this.tally.nextMariadb(`${domain}-${header.serverId}`, sequence);
      this.#builder.begin({ gtid: `${domain}-${header.serverId}-${sequence}`, committedAt: microsecondsOf(header), start, grouped: !standalone });
      return;
    }
    const event = header.type === EVENT.taggedGtid ? readTaggedGtidEvent(body) : readGtidEvent(body, header.type === EVENT.anonymousGtid);
    this.tally.nextMysql(event.origin, event.number);
    const gtid = event.origin === null ? null : `${event.origin}:${event.number}`;
    this.#builder.begin({ gtid, committedAt: event.committedAt ?? microsecondsOf(header), start, grouped: false });
  }

  /** Servers before GTIDs begin a transaction with its first statement. */
  #beginUnnamed(header: EventHeader): void {
    if (this.#builder.active) return;
    this.tally.transactionEnd ||= header.position;
    this.tally.nextMysql(null, 0n);
    this.#builder.begin({ gtid: null, committedAt: microsecondsOf(header), start: header.position, grouped: false });
  }

  #query(header: EventHeader, body: Buffer, end: number): void {
    this.#beginUnnamed(header);
    const event = this.#queries.read(body, header.type === EVENT.executeLoadQuery);
    const opened = header.type === EVENT.mariadbQueryCompressed ? { ...event, sql: openStatement(event.sql) } : event;
    this.#finished(this.#builder.query(opened, end, header.type === EVENT.executeLoadQuery));
  }

  #finished(transaction: ArchivedTransaction | undefined): void {
    if (!transaction) return;
    this.#maps.clear();
    this.tally.add(transaction);
    this.#whole = this.#whole.length === 0 ? [transaction] : [...this.#whole, transaction];
  }
}

/** Whole seconds are all that an event's header tells; as decimal text. */
function microsecondsOf({ seconds }: EventHeader): string {
  return String(seconds * 1_000_000);
}

/** Does the event come in one piece, with rows that can be read as they are? */
function isWhole(header: EventHeader, { compressed }: RowEventKind): boolean {
  return !compressed && header.size <= WHOLE_BYTES;
}

/** The beginning of a compressed statement. */
function openStatement(bytes: Buffer): Buffer {
  const from = mariadbCompressedLead(bytes);
  try {
    return inflateSync(bytes.subarray(from, from + STATEMENT_BYTES), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    throw new RangeError("a compressed statement cannot be opened", { cause: error });
  }
}
