import { once } from "node:events";
import type { Transform } from "node:stream";
import { createInflate, createZstdDecompress } from "node:zlib";
import { FieldReader } from "./field-reader.ts";

/** Takes the bytes of one event as they come; a promise asks for patience. */
export interface BodySink {
  write(bytes: Buffer): Promise<void> | undefined;
  end(): Promise<void> | undefined;
}

/** Hands decompressed bytes on piece by piece, however much they become. */
export class Inflater implements BodySink {
  readonly #stream: Transform;
  #error: Error | undefined;

  constructor(algorithm: "zstd" | "zlib", take: (bytes: Buffer) => void) {
    this.#stream = algorithm === "zstd" ? createZstdDecompress() : createInflate();
    this.#stream.on("data", (bytes: Buffer) => {
      try {
        if (!this.#error) take(bytes);
      } catch (error) {
        this.#error = error as Error; // thrown to whoever writes, not into the stream
      }
    });
    this.#stream.on("error", (error) => {
      this.#error ??= new RangeError(`compressed data cannot be opened: ${error.message}`);
    });
  }

  async write(bytes: Buffer): Promise<void> {
    if (bytes.length > 0 && !this.#error) await new Promise<void>((resolve) => this.#stream.write(bytes, () => resolve()));
    if (this.#error) throw this.#error;
  }

  async end(): Promise<void> {
    if (!this.#error) {
      const ended = once(this.#stream, "end").catch(() => undefined);
      this.#stream.end();
      await ended;
    }
    this.#stream.destroy();
    if (this.#error) throw this.#error;
  }
}

const PAYLOAD_FIELD = { end: 0, compression: 2, plainBytes: 3 };
const NOT_COMPRESSED = 255;

/** Lead of a Transaction_payload_event: its own length and what it says of the data behind it (bytes after decompression). */
export function readPayloadLead(body: Buffer): { compressed: boolean; plainBytes: number; length: number } {
  const fields = new FieldReader(body);
  let compressed = true;
  let plainBytes = Number.POSITIVE_INFINITY;
  for (;;) {
    const field = fields.packed();
    if (field === PAYLOAD_FIELD.end) return { compressed, plainBytes, length: fields.at };
    const value = new FieldReader(fields.bytes(fields.packed()));
    if (field === PAYLOAD_FIELD.compression) compressed = value.packed() !== NOT_COMPRESSED;
    else if (field === PAYLOAD_FIELD.plainBytes) plainBytes = value.packed();
  }
}

/** MariaDB puts a byte (algorithm, bytes of the length) and the plain length before deflated data. */
export function mariadbCompressedLead(bytes: Buffer): number {
  const lead = bytes[0] ?? 0;
  if ((lead & 0x70) !== 0) throw new RangeError("compressed by an unknown algorithm");
  return 1 + (lead & 7);
}
