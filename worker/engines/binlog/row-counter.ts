import { FieldReader } from "./field-reader.ts";
import type { RowEventKind } from "./event-types.ts";
import type { TableMap } from "./table-map.ts";

/** Begin of a row event, up to its rows. */
export interface RowsHeader {
  readonly tableId: number;
  /** Columns of the image before (or of the only one) and of the image after. */
  readonly before: Buffer;
  readonly after: Buffer | null;
  readonly columns: number;
  /** Bytes of the body before the rows. */
  readonly length: number;
}

export function readRowsHeader(body: Buffer, kind: RowEventKind): RowsHeader {
  const fields = new FieldReader(body);
  const tableId = fields.integer(6);
  fields.integer(2);
  if (kind.extraHeader) fields.skip(fields.integer(2) - 2); // its length counts itself
  const columns = fields.packed();
  const before = fields.bytes((columns + 7) >> 3);
  const after = kind.change === "update" ? fields.bytes((columns + 7) >> 3) : null;
  return { tableId, before, after, columns, length: fields.at };
}

interface Image {
  readonly lengths: readonly number[];
  readonly nullBytes: number;
}

const NOTHING: Buffer = Buffer.alloc(0);

/** Walks the rows of an event as they stream by and counts them; of a value it looks at no more than its length. */
export class RowCounter {
  readonly #images: readonly Image[];
  readonly #jsonBytes: number;
  #image = 0;
  #column = -1; // -1: the null bits come next
  /** Null bits of the present image stand in these bytes, from there on. */
  #nulls = NOTHING;
  #nullsAt = 0;
  #skip = 0;
  #carry = NOTHING;
  #rows = 0;

  constructor(map: TableMap & { lengths: readonly number[] }, header: RowsHeader, partial: boolean) {
    this.#images = header.after ? [image(map.lengths, header.before), image(map.lengths, header.after)] : [image(map.lengths, header.before)];
    this.#jsonBytes = partial ? (map.jsonColumns + 7) >> 3 : -1;
  }

  /** Rows so far. */
  get rows(): number {
    return this.#rows;
  }

  /** At the end of an event: does its last row end where the event does? */
  get complete(): boolean {
    return this.#column === -1 && this.#image === 0 && this.#skip === 0 && this.#carry.length === 0 && !this.#empty;
  }

  /** Rows without a single byte (minimal images of rows of defaults) cannot be counted. */
  get #empty(): boolean {
    return this.#images.every((one) => one.nullBytes === 0);
  }

  /** Takes the next bytes of the event, from a place of them on. */
  write(bytes: Buffer, from = 0): void {
    const carried = this.#carry.length > 0;
    const buffer = carried ? Buffer.concat([this.#carry, bytes.subarray(from)]) : bytes;
    this.#carry = NOTHING;
    const begin = carried ? 0 : from;
    let at = Math.min(begin + this.#skip, buffer.length);
    this.#skip -= at - begin;
    if (this.#skip > 0 || this.#empty) return;
    for (;;) {
      const now = this.#images[this.#image] as Image;
      if (this.#column === -1) {
        if (at === buffer.length && !(this.#image === 1 && now.nullBytes === 0)) return;
        const lead = this.#leadEnd(buffer, at);
        if (lead === -1 || buffer.length - lead < now.nullBytes) {
          this.#carry = buffer.subarray(at);
          return;
        }
        this.#nulls = buffer;
        this.#nullsAt = lead;
        at = lead + now.nullBytes;
        this.#column = 0;
      }
      const next = this.#values(now, buffer, at);
      if (next === -1) return;
      at = next;
      this.#column = -1;
      this.#image = this.#image + 1 === this.#images.length ? 0 : this.#image + 1;
      if (this.#image === 0) this.#rows += 1;
    }
  }

  /** Where the null bits begin: an image after may lead with its options and a bit per JSON column. -1: not there yet. */
  #leadEnd(buffer: Buffer, at: number): number {
    if (this.#image === 0 || this.#jsonBytes === -1) return at;
    if (at >= buffer.length) return -1;
    return at + 1 + ((buffer[at] as number) & 1 ? this.#jsonBytes : 0);
  }

  /** Goes over the values from the current column on; -1 when the bytes end before them. */
  #values(now: Image, buffer: Buffer, from: number): number {
    let at = from;
    for (; this.#column < now.lengths.length; this.#column += 1) {
      if (((this.#nulls[this.#nullsAt + (this.#column >> 3)] as number) >> (this.#column & 7)) & 1) continue;
      let length = now.lengths[this.#column] as number;
      if (length < 0) {
        const width = -length;
        if (buffer.length - at < width) {
          this.#carry = buffer.subarray(at);
          return -1;
        }
        length = width === 1 ? (buffer[at] as number) : width === 2 ? buffer.readUInt16LE(at) : buffer.readUIntLE(at, width);
        at += width;
      }
      at += length;
      if (at > buffer.length) {
        this.#skip = at - buffer.length;
        this.#column += 1;
        return -1;
      }
    }
    return at;
  }
}

function image(lengths: readonly number[], present: Buffer): Image {
  const kept = lengths.filter((_length, column) => ((present[column >> 3] ?? 0) >> (column & 7)) & 1);
  return { lengths: kept, nullBytes: (kept.length + 7) >> 3 };
}
