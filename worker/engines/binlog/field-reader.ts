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
    if (count < 0 || count > this.left) throw new RangeError(`${count} bytes are wanted, ${this.left} are there`);
    const bytes = this.#bytes.subarray(this.at, this.at + count);
    this.at += count;
    return bytes;
  }

  text(count: number): string {
    return this.bytes(count).toString("utf8");
  }

  rest(): Buffer {
    return this.bytes(this.left);
  }

  uuid(): string {
    return uuidText(this.bytes(16));
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
