import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { expect } from "vitest";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Body, Destination, StoredObject } from "#worker/ports/destination.ts";

/** Sends until so many bytes have left, then cancels. */
export async function cutAfter(place: Destination, key: string, body: Body, bytes: number): Promise<{ error: unknown; sent: number }> {
  const stop = new AbortController();
  let sent = 0;
  const error = await place
    .put(key, body, {
      signal: stop.signal,
      onBytes: (more) => {
        sent += more;
        if (sent >= bytes) stop.abort();
      },
    })
    .then(
      () => null,
      (thrown: unknown) => thrown,
    );
  return { error, sent };
}

/** The Fault that the work rejects with; fails the test on success or another error. */
export async function fault(work: Promise<unknown>): Promise<Fault> {
  const error = await work.then(
    () => new Error("resolved"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Fault);
  return error as Fault;
}

export async function digest(stream: Readable): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of stream) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

export async function all(list: AsyncIterable<StoredObject>): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  for await (const object of list) found.push(object);
  return found;
}

export async function keys(list: AsyncIterable<StoredObject>): Promise<string[]> {
  return (await all(list)).map((object) => object.key);
}
