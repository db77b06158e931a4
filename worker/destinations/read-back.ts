import { Fault } from "#lib/domain/fault/fault.ts";
import type { Destination, DigestOptions } from "#worker/ports/destination.ts";
import { digestStream } from "./digest-stream.ts";

/**
 * Reads a copy from its destination and compares it with what was sealed. Faults: COPY_CORRUPT (params `message` with expected and
 * found; sizes are compared first, so a truncated copy is not read), DESTINATION_OBJECT_MISSING, CANCELLED and what the destination says.
 */
export async function readBack(
  destination: Destination,
  key: string,
  expected: { readonly bytes: number; readonly sha256: string },
  options: DigestOptions = {},
): Promise<void> {
  const corrupt = (message: string) => new Fault("COPY_CORRUPT", { params: { destination: destination.id, key, message } });
  const object = await destination.stat(key);
  if (!object) throw new Fault("DESTINATION_OBJECT_MISSING", { params: { destination: destination.id, key } });
  if (object.bytes !== expected.bytes) throw corrupt(`expected ${expected.bytes} bytes, found ${object.bytes}`);
  const found = (await destination.digest?.(key, options)) ?? (await digestStream(await destination.get(key, options.signal ? { signal: options.signal } : {}), options.signal, options.onBytes));
  if (found.bytes !== expected.bytes) throw corrupt(`expected ${expected.bytes} bytes, read ${found.bytes}`);
  if (found.sha256 !== expected.sha256) throw corrupt(`expected SHA-256 ${expected.sha256}, found ${found.sha256}`);
}
