import { Readable } from "node:stream";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { CHUNK } from "../body.ts";
import { throwIfCancelled } from "../cancelled.ts";
import { errorStatus } from "./s3-faults.ts";

/**
 * The object's bytes from an offset; none when the offset is the end or beyond. What breaks while reading is turned by `fault`,
 * and an answer that ends before its announced length is an error, not an end.
 */
export async function objectStream(
  client: S3Client,
  target: { readonly Bucket: string; readonly Key: string },
  { signal, offset = 0 }: { readonly signal?: AbortSignal; readonly offset?: number },
  fault: (error: unknown) => Error,
): Promise<Readable> {
  const stop = new AbortController();
  const abortSignal = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const answer = await client
    .send(new GetObjectCommand({ ...target, ...(offset > 0 ? { Range: `bytes=${offset}-` } : {}) }), { abortSignal })
    .catch((error: unknown) => {
      if (errorStatus(error) === 416 && offset > 0) return null;
      throw error;
    });
  if (!answer) return Readable.from([], { objectMode: false });
  // A server that does not know ranges sends the whole object: skip what was not asked.
  let skip = offset > 0 && answer.ContentRange === undefined ? offset : 0;
  const source = answer.Body as Readable;
  const chunks = async function* () {
    let left = answer.ContentLength ?? Number.NaN;
    let ended = false;
    try {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        throwIfCancelled(signal);
        left -= chunk.length;
        const wanted = skip > 0 ? chunk.subarray(Math.min(skip, chunk.length)) : chunk;
        skip -= Math.min(skip, chunk.length);
        if (wanted.length > 0) yield wanted;
      }
      if (left > 0) throw Object.assign(new Error(`the answer ended ${left} bytes early`), { code: "ECONNRESET" });
      ended = true;
    } catch (error) {
      throw fault(error);
    } finally {
      if (!ended) stop.abort();
    }
  };
  return Readable.from(chunks(), { objectMode: false, highWaterMark: CHUNK });
}
