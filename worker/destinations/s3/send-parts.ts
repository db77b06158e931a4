import { CompleteMultipartUploadCommand, CreateMultipartUploadCommand, UploadPartCommand } from "@aws-sdk/client-s3";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { PutOptions } from "#worker/ports/destination.ts";
import type { OpenBody } from "../body.ts";
import { findUpload } from "./find-upload.ts";
import type { Upload } from "./part-journal.ts";
import { type Part, partPlan, partSize } from "./part-plan.ts";
import { errorName, errorStatus } from "./s3-faults.ts";
import { abandon, type Sending } from "./sending.ts";
import { checksumFields, digestRange, sendRange, signPayload, toBase64 } from "./send-range.ts";

/** Sends the body in parts, continuing an upload that was cut. Rejects with SDK errors or Faults; the upload then stays to be continued. */
export async function sendParts(sending: Sending, key: string, body: OpenBody, options: PutOptions): Promise<void> {
  const { client, config, journal } = sending;
  const size = partSize(body.bytes, config.partBytes);
  const parts = partPlan(body.bytes, size);
  const target = { Bucket: config.bucket, Key: key };
  const upload = (await findUpload(sending, key, body, parts, size, options.signal)) ?? (await begin(sending, key, body, size, options.signal));
  try {
    await inParallel(
      parts.filter((part) => !upload.done.has(part.number)),
      config.parallelParts,
      options.signal,
      (part, signal) => sendPart(sending, upload, part, body, { ...options, signal }),
    );
    await client.send(
      new CompleteMultipartUploadCommand({
        ...target,
        ...sending.once,
        UploadId: upload.head.uploadId,
        MultipartUpload: {
          Parts: parts.map(({ number }) => {
            const done = upload.done.get(number);
            return { PartNumber: number, ETag: done?.etag, ...(config.checksums === "sha256" ? { ChecksumSHA256: toBase64(done?.sha256 ?? "") } : {}) };
          }),
        },
      }),
      options.signal ? { abortSignal: options.signal } : {},
    );
  } catch (error) {
    // The server has not (any more) what was recorded, or the key was taken meanwhile: this upload can never be completed.
    const useless = UNUSABLE.has(errorName(error));
    if (useless || errorStatus(error) === 412) await abandon(sending, key, upload.head.uploadId);
    throw useless ? new Fault("DESTINATION_FAILED", { params: { destination: config.name, message: `the unfinished upload cannot be continued (${errorName(error)}) and begins anew` }, retryable: true, cause: error }) : error;
  }
  await journal.forget(config.bucket, key);
}

const UNUSABLE = new Set(["InvalidPart", "InvalidPartOrder", "NoSuchUpload", "EntityTooSmall"]);

async function begin({ client, config, journal }: Sending, key: string, body: OpenBody, size: number, signal: AbortSignal | undefined): Promise<Upload> {
  const created = await client.send(
    new CreateMultipartUploadCommand({
      Bucket: config.bucket,
      Key: key,
      ContentType: "application/octet-stream",
      Metadata: { sha256: body.sha256 },
      ...(config.checksums === "sha256" ? { ChecksumAlgorithm: "SHA256" } : {}),
    }),
    signal ? { abortSignal: signal } : {},
  );
  const head = { v: 1 as const, destination: config.name, bucket: config.bucket, key, uploadId: created.UploadId ?? "", bytes: body.bytes, sha256: body.sha256, partBytes: size };
  const upload: Upload = { head, done: new Map() };
  await journal.begin(upload);
  return upload;
}

async function sendPart({ client, config, journal }: Sending, upload: Upload, part: Part, body: OpenBody, options: PutOptions): Promise<void> {
  const digests = await digestRange(body, part.start, part.end, config.checksums === "md5", options.signal);
  const answer = await sendRange(body, part, options, (stream, abortSignal) => {
    const command = new UploadPartCommand({
      Bucket: config.bucket,
      Key: upload.head.key,
      UploadId: upload.head.uploadId,
      PartNumber: part.number,
      Body: stream,
      ContentLength: part.end - part.start,
      ...checksumFields(config.checksums, digests),
    });
    signPayload(command, digests.sha256);
    return client.send(command, { abortSignal });
  });
  await journal.add(upload, { n: part.number, etag: answer.ETag ?? "", sha256: digests.sha256 });
}

/** Works on the items, `width` at once. The first failure stops the others; it is thrown after all have come to rest. */
async function inParallel<T>(items: readonly T[], width: number, signal: AbortSignal | undefined, work: (item: T, signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const both = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  let next = 0;
  let failure: { error: unknown } | null = null;
  const lane = async () => {
    while (next < items.length && !both.aborted) {
      const item = items[next] as T;
      next += 1;
      try {
        await work(item, both);
      } catch (error) {
        failure ??= { error };
        stop.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  if (failure) throw (failure as { error: unknown }).error;
  signal?.throwIfAborted();
}
