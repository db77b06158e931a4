import { type GtidSet, GtidSetBuilder } from "#lib/domain/binlog/gtid-set.ts";
import type { MariadbGtids } from "#lib/domain/binlog/mariadb-gtid.ts";
import { FieldReader, uuidText } from "./field-reader.ts";

/** Begin of a MySQL transaction. */
export interface GtidEvent {
  /** `uuid` or `uuid:tag`; null in anonymous events. */
  readonly origin: string | null;
  readonly number: bigint;
  /** Microseconds since 1970, as decimal text; null before MySQL 8.0. */
  readonly committedAt: string | null;
}

/** Begin of a MariaDB transaction. */
export interface MariadbGtidEvent {
  readonly domain: number;
  readonly sequence: bigint;
  /** One event follows, without BEGIN and COMMIT. */
  readonly standalone: boolean;
  readonly xa: "prepare" | "complete" | null;
}

const LOGICAL_TIMESTAMPS = 2;
/** Of the upper byte of the commit time; the uppermost bit says that another time follows. */
const TIME_BITS = 0x7f;

/** Gtid_log_event and Anonymous_gtid_log_event. */
export function readGtidEvent(body: Buffer, anonymous: boolean): GtidEvent {
  const fields = new FieldReader(body);
  fields.integer(1);
  const uuid = fields.uuid();
  const number = fields.big();
  const origin = anonymous ? null : uuid;
  if (fields.left < 17 + 7 || fields.integer(1) !== LOGICAL_TIMESTAMPS) return { origin, number, committedAt: null };
  fields.skip(16); // last_committed, sequence_number
  const low = fields.integer(6);
  const high = fields.integer(1) & TIME_BITS;
  const time = high * 2 ** 48 + low;
  return { origin, number, committedAt: String(Number.isSafeInteger(time) ? time : (BigInt(high) << 48n) | BigInt(low)) };
}

/** Gtid_tagged_log_event (8.3): numbered fields of MySQL's serialization library. */
export function readTaggedGtidEvent(body: Buffer): GtidEvent {
  const fields = new FieldReader(body);
  fields.serialized(); // version of the serialization
  fields.serialized(); // length
  fields.serialized(); // last field that must be understood
  let origin = "";
  let number = 0n;
  let committedAt: string | null = null;
  while (fields.left > 0) {
    const id = fields.serialized();
    if (id === 0n) fields.serialized();
    else if (id === 1n) origin = uuidText(Uint8Array.from({ length: 16 }, () => Number(fields.serialized())));
    else if (id === 2n) number = signed(fields.serialized());
    else if (id === 3n) {
      const tag = fields.text(Number(fields.serialized()));
      if (tag !== "") origin += `:${tag}`;
    } else if (id === 4n || id === 5n) fields.serialized();
    else if (id === 6n) {
      committedAt = String(fields.serialized());
      break;
    } else throw new RangeError(`field ${id} of a tagged GTID is unknown`);
  }
  return { origin, number, committedAt };
}

/** Previous_gtids_log_event; with tags the count of origins stands in the middle of its eight bytes, between two format marks. */
export function readPreviousGtids(body: Buffer): GtidSet {
  const fields = new FieldReader(body);
  const lead = fields.big();
  const tagged = lead >> 56n === 1n;
  const origins = tagged ? (lead >> 8n) & 0xffffffffffffn : lead;
  const builder = new GtidSetBuilder();
  for (let origin = 0n; origin < origins; origin += 1n) {
    const uuid = fields.uuid();
    const tag = tagged ? fields.text(Number(fields.serialized())) : "";
    const name = tag === "" ? uuid : `${uuid}:${tag}`;
    for (let left = fields.big(); left > 0n; left -= 1n) {
      const first = fields.big();
      builder.add(name, first, fields.big() - 1n);
    }
  }
  return builder.set();
}

const FLAG = { standalone: 1, preparedXa: 64, completedXa: 128 };

/** MariaDB's Gtid_log_event; the server's id stands in the event's header. */
export function readMariadbGtidEvent(body: Buffer): MariadbGtidEvent {
  const fields = new FieldReader(body);
  const sequence = fields.big();
  const domain = fields.integer(4);
  const flags = fields.integer(1);
  const xa = flags & FLAG.preparedXa ? "prepare" : flags & FLAG.completedXa ? "complete" : null;
  return { domain, sequence, standalone: (flags & FLAG.standalone) !== 0, xa };
}

/** MariaDB's Gtid_list_log_event: the last of every server in every domain, before this file. */
export function readMariadbGtidList(body: Buffer): MariadbGtids {
  const fields = new FieldReader(body);
  const count = fields.integer(4) & 0x0fffffff;
  const list = new Map<string, bigint>();
  for (let index = 0; index < count; index += 1) {
    const domain = fields.integer(4);
    const server = fields.integer(4);
    const key = `${domain}-${server}`;
    const sequence = fields.big();
    if (sequence > (list.get(key) ?? -1n)) list.set(key, sequence);
  }
  return list;
}

function signed(value: bigint): bigint {
  return value & 1n ? -(value >> 1n) - 1n : value >> 1n;
}
