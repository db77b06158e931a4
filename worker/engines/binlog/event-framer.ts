import { crc32 } from "node:zlib";
import { Fault } from "#lib/domain/fault/fault.ts";
import { crcOf } from "./event-crc.ts";
import { EVENT } from "./event-types.ts";

/** Events up to this size come in one piece; of larger ones the first piece holds at least this much. */
export const WHOLE_BYTES = 64 * 1024;
const HEADER_BYTES = 19;
const CHECKSUM_BYTES = 4;
/** Set while the server writes the file, cleared at its end, and left out of the checksum. */
const IN_USE = 1;
const NOTHING = Buffer.alloc(0);
/** Room for what is read at once. */
const ROOM_BYTES = 1024 * 1024;

export interface EventHeader {
  readonly type: number;
  /** Seconds since 1970, as the session that caused the event believed. */
  readonly seconds: number;
  readonly serverId: number;
  /** Bytes with header and checksum. */
  readonly size: number;
  /** Where the event begins, in the file. */
  readonly position: number;
  readonly flags: number;
}

/** A whole event, or a piece of a large one: its body without header and checksum. */
export interface EventPiece {
  readonly header: EventHeader;
  readonly body: Buffer;
  readonly first: boolean;
  /** The checksum, where there is one, was right. */
  readonly last: boolean;
}

interface FramerOptions {
  /** Named in faults. */
  readonly file: string;
  /** Events of a compressed transaction have neither checksums nor positions of their own. */
  readonly inner: boolean;
  /** Begins in the middle of a file, where an event does; whether events have checksums stands at its beginning. */
  readonly from?: { readonly position: number; readonly checksums: boolean };
}

/** Cuts a binary log into events and checks each: its length against the position in its header, its bytes against its CRC32. */
export class EventFramer {
  readonly #options: FramerOptions;
  #pending: Buffer = NOTHING;
  /** What {@link room} lends. */
  #block: Buffer | undefined;
  /** Of these, so many are taken: moving a mark costs less than a new view of the rest for each event. */
  #taken = 0;
  #position: number;
  #checksums: boolean;
  #current: { header: EventHeader; left: number; crc: number } | undefined;

  constructor(options: FramerOptions) {
    this.#options = options;
    this.#position = options.from?.position ?? (options.inner ? 0 : 4);
    this.#checksums = options.from?.checksums ?? false;
  }

  /** Position after the last whole event. */
  get position(): number {
    return this.#position;
  }

  /** Are there bytes of an event that is not whole? */
  get unfinished(): boolean {
    return this.#current !== undefined || this.#left > 0;
  }

  /**
   * Room for the next bytes; {@link filled} says how many came. The same room again and again, so what points into it is good until the next call: a new one for each megabyte
   * had V8 look through its whole heap. Only pieces of an event that did not come as a whole stay as they are.
   */
  room(): Buffer {
    const left = this.#left;
    const block = this.#current || !this.#block ? Buffer.allocUnsafeSlow(WHOLE_BYTES + ROOM_BYTES) : this.#block;
    this.#pending.copy(block, 0, this.#taken);
    this.#block = block;
    this.#pending = block.subarray(0, left);
    this.#taken = 0;
    return block.subarray(left, left + ROOM_BYTES);
  }

  /** So many bytes were put where {@link room} said. */
  filled(bytes: number): void {
    if (this.#block) this.#pending = this.#block.subarray(0, this.#pending.length + bytes);
  }

  /** The bytes must not be changed afterwards: pieces point into them. */
  push(bytes: Buffer): void {
    this.#pending = this.#left === 0 ? bytes : Buffer.concat([this.#pending.subarray(this.#taken), bytes]);
    this.#taken = 0;
  }

  /**
   * The next piece, as far as bytes are there.
   * @throws Fault BINLOG_DAMAGED
   */
  next(): EventPiece | undefined {
    if (this.#current) return this.#continue(this.#current);
    if (this.#left < HEADER_BYTES) return undefined;
    const header = this.#header();
    if (header.size > WHOLE_BYTES) {
      if (this.#left < WHOLE_BYTES) return undefined;
      const head = this.#take(HEADER_BYTES);
      this.#current = { header, left: header.size - HEADER_BYTES, crc: crc32(head) };
      return this.#continue(this.#current, true);
    }
    if (this.#left < header.size) return undefined;
    const from = this.#taken;
    const tail = this.#checkWhole(header, from);
    this.#taken += header.size;
    this.#position += header.size;
    return { header, body: this.#pending.subarray(from + HEADER_BYTES, from + header.size - tail), first: true, last: true };
  }

  /** A log that claims an event larger than the bytes that are there: the header alone must be believable. */
  #header(): EventHeader {
    const bytes = this.#pending;
    const from = this.#taken;
    const header = {
      seconds: bytes.readUInt32LE(from),
      type: bytes[from + 4] as number,
      serverId: bytes.readUInt32LE(from + 5),
      size: bytes.readUInt32LE(from + 9),
      position: this.#position,
      flags: bytes.readUInt16LE(from + 17),
    };
    if (header.size < HEADER_BYTES + (this.#checksums ? CHECKSUM_BYTES : 0)) throw this.#damaged("an event is shorter than its own header");
    const end = bytes.readUInt32LE(from + 13);
    // Positions have 32 bits: in files above 4 GiB they begin anew.
    const wanted = (this.#position + header.size) % 2 ** 32;
    if (!this.#options.inner && end !== wanted && !(end === 0 && header.type === EVENT.formatDescription)) throw this.#damaged(`the event says that it ends at ${end}, its length says ${wanted}`);
    return header;
  }

  /** Of the event that begins at `from`; returns how many bytes at its end are no body. */
  #checkWhole(header: EventHeader, from: number): number {
    if (header.type === EVENT.formatDescription && !this.#options.inner) return this.#learn(header, this.#pending.subarray(from, from + header.size));
    if (!this.#checksums) return 0;
    const end = from + header.size - CHECKSUM_BYTES;
    if (crcOf(this.#pending, from, end) !== this.#pending.readUInt32LE(end)) throw this.#damaged("the checksum of the event is wrong");
    return CHECKSUM_BYTES;
  }

  /** The description event has a checksum always, and says whether the events after it have one. */
  #learn(header: EventHeader, event: Buffer): number {
    if (event.length < HEADER_BYTES + 57 + CHECKSUM_BYTES + 1) throw this.#damaged("the description of the file is too short");
    const plain = Buffer.from(event.subarray(0, -CHECKSUM_BYTES));
    plain.writeUInt16LE(header.flags & ~IN_USE, 17);
    if (crc32(plain) !== event.readUInt32LE(event.length - CHECKSUM_BYTES)) throw this.#damaged("the checksum of the description of the file is wrong");
    const algorithm = plain.at(-1);
    if (algorithm !== 0 && algorithm !== 1) throw this.#damaged(`checksum algorithm ${algorithm} is unknown`);
    this.#checksums = algorithm === 1;
    return CHECKSUM_BYTES;
  }

  #continue(current: { header: EventHeader; left: number; crc: number }, first = false): EventPiece | undefined {
    const tail = this.#checksums ? CHECKSUM_BYTES : 0;
    const body = current.left - tail;
    if (this.#left === 0 || (body === 0 && this.#left < tail)) return undefined;
    const last = this.#left >= current.left;
    const piece = this.#take(last ? body : Math.min(body, this.#left));
    current.left -= piece.length;
    if (tail > 0) current.crc = crc32(piece, current.crc);
    if (last) {
      if (tail > 0 && this.#take(tail).readUInt32LE(0) !== current.crc) throw this.#damaged("the checksum of the event is wrong");
      this.#position += current.header.size;
      this.#current = undefined;
    } else if (piece.length === 0) return undefined;
    return { header: current.header, body: piece, first, last };
  }

  #take(count: number): Buffer {
    const from = this.#taken;
    this.#taken += count;
    return this.#pending.subarray(from, this.#taken);
  }

  /** Bytes that are there and not taken. */
  get #left(): number {
    return this.#pending.length - this.#taken;
  }

  #damaged(message: string): Fault {
    return new Fault("BINLOG_DAMAGED", { params: { file: this.#options.file, position: this.#position, message } });
  }
}
