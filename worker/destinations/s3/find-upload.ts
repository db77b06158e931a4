import { ListMultipartUploadsCommand, ListPartsCommand, type MultipartUpload, type Part as ListedPart, type S3Client } from "@aws-sdk/client-s3";
import type { OpenBody } from "../body.ts";
import type { DonePart, Upload } from "./part-journal.ts";
import type { Part } from "./part-plan.ts";
import { errorStatus } from "./s3-faults.ts";
import { abandon, type Sending } from "./sending.ts";
import { digestRange, toBase64 } from "./send-range.ts";

/**
 * An unfinished upload of this very body: the one in the journal, or one that the server lists under the key and whose every part has
 * the digest of our bytes. Null when a new one must begin. The journal is believed: should the server have lost a part, it refuses to complete.
 */
export async function findUpload(sending: Sending, key: string, body: OpenBody, parts: readonly Part[], partBytes: number, signal?: AbortSignal): Promise<Upload | null> {
  const { config, journal } = sending;
  const known = await journal.read(config.bucket, key);
  if (known) {
    const { head } = known;
    if (head.sha256 === body.sha256 && head.bytes === body.bytes && head.partBytes === partBytes) return known;
    await abandon(sending, key, head.uploadId);
  }
  if (!config.findUploads) return null;
  for (const open of await openUploads(sending.client, config.bucket, key, signal)) {
    if (open.Key !== key || !open.UploadId) continue;
    const listed = await listParts(sending.client, config.bucket, key, open.UploadId, signal);
    if (!listed?.parts.length || (config.checksums === "sha256") !== (listed.checksum === "SHA256")) continue;
    const done = await sameBytes(listed.parts, parts, body, signal);
    if (!done) continue;
    const head = { v: 1 as const, destination: config.name, bucket: config.bucket, key, uploadId: open.UploadId, bytes: body.bytes, sha256: body.sha256, partBytes };
    await journal.begin({ head, done });
    return { head, done };
  }
  return null;
}

/** The bucket's unfinished uploads whose key begins so, newest first. */
export async function openUploads(client: S3Client, bucket: string, prefix: string, signal?: AbortSignal): Promise<MultipartUpload[]> {
  const found: MultipartUpload[] = [];
  let marker: { KeyMarker?: string; UploadIdMarker?: string } = {};
  for (;;) {
    const page = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, ...(prefix ? { Prefix: prefix } : {}), ...marker }), signal ? { abortSignal: signal } : {});
    found.push(...(page.Uploads ?? []));
    if (!page.IsTruncated || !page.NextKeyMarker) break;
    marker = { KeyMarker: page.NextKeyMarker, ...(page.NextUploadIdMarker ? { UploadIdMarker: page.NextUploadIdMarker } : {}) };
  }
  return found.sort((a, b) => (b.Initiated?.getTime() ?? 0) - (a.Initiated?.getTime() ?? 0));
}

/** The parts that the server holds, or null when it does not know the upload (any more). */
export async function listParts(client: S3Client, bucket: string, key: string, uploadId: string, signal?: AbortSignal): Promise<{ parts: ListedPart[]; checksum?: string } | null> {
  const parts: ListedPart[] = [];
  let checksum: string | undefined;
  let marker: string | undefined;
  try {
    for (;;) {
      const page = await client.send(
        new ListPartsCommand({ Bucket: bucket, Key: key, UploadId: uploadId, ...(marker ? { PartNumberMarker: marker } : {}) }),
        signal ? { abortSignal: signal } : {},
      );
      parts.push(...(page.Parts ?? []));
      checksum = page.ChecksumAlgorithm ?? checksum;
      if (!page.IsTruncated || !page.NextPartNumberMarker || page.NextPartNumberMarker === marker) break;
      marker = page.NextPartNumberMarker;
    }
  } catch (error) {
    if (errorStatus(error) === 404) return null;
    throw error;
  }
  return { parts, ...(checksum ? { checksum } : {}) };
}

/** The listed parts as done if every one holds our bytes (SHA-256 where listed, otherwise ETag = MD5); null at the first that does not. */
async function sameBytes(listed: readonly ListedPart[], parts: readonly Part[], body: OpenBody, signal?: AbortSignal): Promise<Map<number, DonePart> | null> {
  const done = new Map<number, DonePart>();
  for (const found of listed) {
    const part = parts[(found.PartNumber ?? 0) - 1];
    if (!part || found.Size !== part.end - part.start) return null;
    const digests = await digestRange(body, part.start, part.end, !found.ChecksumSHA256, signal);
    if (found.ChecksumSHA256 ? found.ChecksumSHA256 !== toBase64(digests.sha256) : bare(found.ETag) !== digests.md5) return null;
    done.set(part.number, { n: part.number, etag: found.ETag ?? "", sha256: digests.sha256 });
  }
  return done;
}

function bare(etag: string | undefined): string {
  return (etag ?? "").replaceAll('"', "");
}
