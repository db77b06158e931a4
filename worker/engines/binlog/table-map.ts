import { FieldReader } from "./field-reader.ts";

/** Length of a column's value in a row image: 0 and more = always these bytes; -1 to -4 = a length of 1 to 4 bytes stands before it. */
type ValueLength = number;

export interface TableMap {
  /** The server's number of the table in this transaction; row events name it. */
  readonly id: number;
  readonly schema: string;
  readonly table: string;
  /** By column; null for a type that is not known here: rows of the table cannot be counted. */
  readonly lengths: readonly ValueLength[] | null;
  readonly jsonColumns: number;
}

const TYPE = { varchar: 15, bit: 16, timestamp2: 17, datetime2: 18, time2: 19, typedArray: 20, compressedBlob: 140, compressedVarchar: 141, vector: 242, json: 245, decimal: 246, enum: 247, set: 248, tinyBlob: 249, blob: 252, varString: 253, string: 254, geometry: 255 };

/** Types without metadata: decimal of old is not among them, no server since 5.0 makes it. */
const FIXED: Readonly<Record<number, number>> = { 1: 1, 2: 2, 3: 4, 6: 0, 7: 4, 8: 8, 9: 3, 10: 3, 11: 3, 12: 8, 13: 1, 14: 3 };

/** Tables whose last map is remembered. */
const MOST_KNOWN = 256;

/** Reads table maps. Each transaction brings those of its tables along, and they are the same bytes as long as nobody alters the table. */
export class TableMaps {
  readonly #known = new Map<number, { readonly body: Buffer; readonly map: TableMap }>();

  read(body: Buffer): TableMap {
    const id = body.readUIntLE(0, 6);
    const known = this.#known.get(id);
    if (known?.body.equals(body)) return known.map;
    const map = readTableMap(body);
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    // A copy: what it points into is a whole megabyte of the log.
    this.#known.set(id, { body: Buffer.from(body), map });
    return map;
  }
}

/** Names and the lengths of values; optional metadata after the null bits (names, signs, charsets) is not looked at. */
function readTableMap(body: Buffer): TableMap {
  const fields = new FieldReader(body);
  const id = fields.integer(6);
  fields.integer(2);
  const schema = fields.text(fields.integer(1));
  fields.integer(1);
  const table = fields.text(fields.integer(1));
  fields.integer(1);
  const types = fields.bytes(fields.packed());
  const metadata = new FieldReader(fields.bytes(fields.packed()));
  const lengths: ValueLength[] = [];
  let known = true;
  for (const type of types) {
    const length = known ? valueLength(type, metadata) : undefined;
    if (length === undefined) known = false;
    else lengths.push(length);
  }
  return { id, schema, table, lengths: known ? lengths : null, jsonColumns: types.filter((type) => type === TYPE.json).length };
}

function valueLength(type: number, metadata: FieldReader): ValueLength | undefined {
  const fixed = FIXED[type];
  if (fixed !== undefined) return fixed;
  switch (type) {
    case 4: // float
    case 5: // double
      return metadata.integer(1);
    case TYPE.varchar:
    case TYPE.compressedVarchar:
      return metadata.integer(2) > 255 ? -2 : -1;
    case TYPE.bit: {
      const bits = metadata.integer(1);
      return metadata.integer(1) + (bits > 0 ? 1 : 0);
    }
    case TYPE.timestamp2:
      return 4 + fractionBytes(metadata.integer(1));
    case TYPE.datetime2:
      return 5 + fractionBytes(metadata.integer(1));
    case TYPE.time2:
      return 3 + fractionBytes(metadata.integer(1));
    case TYPE.decimal: {
      const precision = metadata.integer(1);
      const scale = metadata.integer(1);
      return digitBytes(precision - scale) + digitBytes(scale);
    }
    case TYPE.enum:
    case TYPE.set: {
      metadata.integer(1);
      return metadata.integer(1);
    }
    case TYPE.varString:
    case TYPE.string:
      return stringLength(metadata.integer(1), metadata.integer(1));
    case TYPE.compressedBlob:
    case TYPE.vector:
    case TYPE.json:
    case TYPE.geometry:
      return -metadata.integer(1);
    default:
      return type >= TYPE.tinyBlob && type <= TYPE.blob ? -metadata.integer(1) : undefined;
  }
}

/** The first byte is the real type; lengths above 255 hide their upper two bits, inverted, in it. */
function stringLength(first: number, second: number): ValueLength {
  const type = (first & 0x30) === 0x30 ? first : first | 0x30;
  if (type === TYPE.enum || type === TYPE.set) return second;
  const length = (first & 0x30) === 0x30 ? second : second | (((first & 0x30) ^ 0x30) << 4);
  return length > 255 ? -2 : -1;
}

function fractionBytes(digits: number): number {
  return (digits + 1) >> 1;
}

/** Nine decimal digits in four bytes, the rest in as many as they need. */
function digitBytes(digits: number): number {
  return Math.floor(digits / 9) * 4 + ([0, 1, 1, 2, 2, 3, 3, 4, 4][digits % 9] ?? 0);
}
