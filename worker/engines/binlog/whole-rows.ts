import type { RowEventKind } from "./event-types.ts";
import { endsWith } from "./field-reader.ts";
import { RowCounter, type RowsHeader, readRowsHeader } from "./row-counter.ts";
import type { TableMap } from "./table-map.ts";

/** Before the fields that most events of a table have alike: the number of the table. */
const ID_BYTES = 6;

interface Known {
  readonly kind: RowEventKind;
  /** What stood between the table's number and the rows. */
  readonly fields: Buffer;
  readonly length: number;
  /** Between two events. */
  readonly counter: RowCounter;
}

/** Counts rows of events that came in one piece. The events of a table begin with the same bytes as long as they do the same to the same columns. */
export class WholeRows {
  readonly #known = new WeakMap<TableMap, Known>();

  /** Null: they cannot be counted. */
  count(map: TableMap, kind: RowEventKind, body: Buffer): number | null {
    if (!map.lengths) return null;
    const known = this.#known.get(map);
    const { counter, length } = known && known.kind === kind && endsWith(body, known.length, known.fields) ? known : this.#learn({ ...map, lengths: map.lengths }, map, kind, body);
    const before = counter.rows;
    counter.write(body, length);
    if (counter.complete) return counter.rows - before;
    // It stands somewhere inside of a row.
    this.#known.delete(map);
    return null;
  }

  #learn(counted: ConstructorParameters<typeof RowCounter>[0], map: TableMap, kind: RowEventKind, body: Buffer): Known {
    const header: RowsHeader = readRowsHeader(body, kind);
    // A copy: what it points into is a whole megabyte of the log.
    const known = { kind, fields: Buffer.from(body.subarray(ID_BYTES, header.length)), length: header.length, counter: new RowCounter(counted, header, kind.partial) };
    this.#known.set(map, known);
    return known;
  }
}
