/** Reads the fields of an event's body one after the other; a RangeError says that the body is too short. */
export class FieldReader {
  readonly #bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  /** Little-endian whole number of 1 to 6 bytes. */
  integer(width: number): number {
    const value = this.#bytes.readUIntLE(this.at, width);
    this.at += width;
    return value;
  }

  big(): bigint {
    const value = this.#bytes.readBigUInt64LE(this.at);
    this.at += 8;
    return value;
  }

  /** MySQL's length-encoded integer. */
  packed(): number {
    const lead = this.integer(1);
    if (lead < 0xfb) return lead;
    if (lead === 0xfc) return this.integer(2);
    if (lead === 0xfd) return this.integer(3);
    if (lead === 0xfe) return Number(this.big());
    throw new RangeError(`${lead} begins no length`);
  }

  bytes(count: number): Buffer {
    this.skip(count);
    return this.#bytes.subarray(this.at - count, this.at);
  }

  /** Passes over bytes; as {@link bytes}, without the cost of a view. */
  skip(count: number): void {
    if (count < 0 || count > this.left) throw new RangeError(`${count} bytes are wanted, ${this.left} are there`);
    this.at += count;
  }

  text(count: number): string {
    this.skip(count);
    return this.#bytes.toString("utf8", this.at - count, this.at);
  }

  rest(): Buffer {
    return this.bytes(this.left);
  }

  uuid(): string {
    this.skip(16);
    return endsWith(this.#bytes, this.at, lastUuid.bytes) ? lastUuid.text : uuidText(this.#bytes.subarray(this.at - 16, this.at));
  }

  /**
   * Integer of MySQL's serialization library (tagged GTIDs): the one bits at the end of the first byte count the bytes that follow it,
   * the value stands above them, lowest byte first.
   */
  serialized(): bigint {
    const lead = this.integer(1);
    let more = 0;
    while (more < 8 && (lead >> more) & 1) more += 1;
    let value = more === 8 ? 0n : BigInt(lead) >> BigInt(more + 1);
    let shift = more >= 7 ? 0n : BigInt(7 - more);
    for (const byte of this.bytes(more)) {
      value |= BigInt(byte) << shift;
      shift += 8n;
    }
    return value;
  }
}

/** The last one: transaction after transaction names the same server. */
const lastUuid = { bytes: Buffer.alloc(16), text: "00000000-0000-0000-0000-000000000000" };

/** Sixteen bytes as the text of a uuid. */
export function uuidText(bytes: Uint8Array): string {
  if (lastUuid.bytes.equals(bytes)) return lastUuid.text;
  const hex = Buffer.from(bytes).toString("hex");
  lastUuid.text = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  lastUuid.bytes = Buffer.from(bytes);
  return lastUuid.text;
}

/** Do these bytes stand before `end`? For some tens of them: each call into the runtime costs more. */
export function endsWith(bytes: Buffer, end: number, wanted: Buffer): boolean {
  let at = end - wanted.length;
  if (at < 0 || end > bytes.length) return false;
  for (let place = 0; place < wanted.length; place += 1, at += 1) if (bytes[at] !== wanted[place]) return false;
  return true;
}
