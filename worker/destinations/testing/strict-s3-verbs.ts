import type { IncomingMessage } from "node:http";
import type { StrictBucket } from "./strict-s3-bucket.ts";
import { S3Refusal } from "./strict-s3-signature.ts";

export interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer | string;
}

/** Entries a page; small, so that paging is always walked through. */
const PAGE = 3;

/** The operations on a bucket and its objects, after signature and digests have been verified. */
export function serve(bucket: StrictBucket, name: string, key: string, url: URL, request: IncomingMessage, body: Buffer): Answer {
  const query = url.searchParams;
  const once = request.headers["if-none-match"] === "*";
  const verb = `${request.method}${key === "" ? " bucket" : ""}${query.has("uploads") ? " uploads" : query.has("uploadId") ? " upload" : ""}`;
  switch (verb) {
    case "GET bucket":
      return listObjects(bucket, name, query);
    case "GET bucket uploads":
      return listUploads(bucket, name, query);
    case "PUT":
      return { status: 200, headers: { etag: bucket.put(key, body, metadataOf(request), once) } };
    case "POST uploads":
      return xml(`<InitiateMultipartUploadResult><Bucket>${name}</Bucket><Key>${key}</Key><UploadId>${bucket.begin(key, metadataOf(request), header(request, "x-amz-checksum-algorithm"))}</UploadId></InitiateMultipartUploadResult>`);
    case "PUT upload":
      return { status: 200, headers: { etag: bucket.part(key, query.get("uploadId") ?? "", Number(query.get("partNumber")), body, header(request, "x-amz-checksum-sha256")) } };
    case "GET upload":
      return listParts(bucket, name, key, query);
    case "POST upload":
      return xml(`<CompleteMultipartUploadResult><Bucket>${name}</Bucket><Key>${key}</Key><ETag>${bucket.complete(key, query.get("uploadId") ?? "", completeList(body.toString()), once)}</ETag></CompleteMultipartUploadResult>`);
    case "DELETE upload":
      bucket.upload(key, query.get("uploadId") ?? "");
      bucket.uploads.delete(query.get("uploadId") ?? "");
      return { status: 204 };
    case "GET":
    case "HEAD":
      return readObject(bucket, key, request);
    case "DELETE":
      bucket.remove(key);
      return { status: 204 };
    default:
      throw new S3Refusal(501, "NotImplemented", `${verb} is not implemented`);
  }
}

function readObject(bucket: StrictBucket, key: string, request: IncomingMessage): Answer {
  const found = bucket.object(key);
  const headers: Record<string, string> = { etag: found.etag, "last-modified": found.modified.toUTCString(), "accept-ranges": "bytes" };
  for (const [name, value] of Object.entries(found.metadata)) headers[`x-amz-meta-${name}`] = value;
  if (found.lockedUntil) {
    headers["x-amz-object-lock-mode"] = "COMPLIANCE";
    headers["x-amz-object-lock-retain-until-date"] = found.lockedUntil.toISOString();
  }
  const range = /^bytes=(\d+)-$/.exec(header(request, "range") ?? "");
  if (!range) return { status: 200, headers, body: found.data };
  const start = Number(range[1]);
  if (start >= found.data.length) throw new S3Refusal(416, "InvalidRange", "The requested range is not satisfiable");
  headers["content-range"] = `bytes ${start}-${found.data.length - 1}/${found.data.length}`;
  return { status: 206, headers, body: found.data.subarray(start) };
}

function listObjects(bucket: StrictBucket, name: string, query: URLSearchParams): Answer {
  if (query.get("list-type") !== "2") throw new S3Refusal(501, "NotImplemented", "only ListObjectsV2");
  const after = Buffer.from(query.get("continuation-token") ?? "", "base64").toString();
  const keys = [...bucket.objects.keys()].filter((key) => key.startsWith(query.get("prefix") ?? "") && key > after).sort();
  const page = keys.slice(0, Math.min(PAGE, Number(query.get("max-keys") ?? PAGE)));
  const more = keys.length > page.length;
  const contents = page.map((key) => {
    const { data, etag, modified } = bucket.object(key);
    return `<Contents><Key>${key}</Key><LastModified>${modified.toISOString()}</LastModified><ETag>${etag}</ETag><Size>${data.length}</Size></Contents>`;
  });
  const token = more ? `<NextContinuationToken>${Buffer.from(page.at(-1) ?? "").toString("base64")}</NextContinuationToken>` : "";
  return xml(`<ListBucketResult><Name>${name}</Name><IsTruncated>${more}</IsTruncated>${token}${contents.join("")}</ListBucketResult>`);
}

function listUploads(bucket: StrictBucket, name: string, query: URLSearchParams): Answer {
  const after = `${query.get("key-marker") ?? ""}\n${query.get("upload-id-marker") ?? ""}`;
  const uploads = [...bucket.uploads].map(([id, upload]) => ({ id, upload, place: `${upload.key}\n${id}` }));
  const found = uploads.filter(({ upload, place }) => upload.key.startsWith(query.get("prefix") ?? "") && place > after).sort((a, b) => (a.place < b.place ? -1 : 1));
  const page = found.slice(0, PAGE);
  const last = page.at(-1);
  const more = found.length > page.length && last !== undefined;
  const entries = page.map(({ id, upload }) => `<Upload><Key>${upload.key}</Key><UploadId>${id}</UploadId><Initiated>${upload.initiated.toISOString()}</Initiated></Upload>`);
  const marker = more ? `<NextKeyMarker>${last.upload.key}</NextKeyMarker><NextUploadIdMarker>${last.id}</NextUploadIdMarker>` : "";
  return xml(`<ListMultipartUploadsResult><Bucket>${name}</Bucket><IsTruncated>${more}</IsTruncated>${marker}${entries.join("")}</ListMultipartUploadsResult>`);
}

function listParts(bucket: StrictBucket, name: string, key: string, query: URLSearchParams): Answer {
  const upload = bucket.upload(key, query.get("uploadId") ?? "");
  const numbers = [...upload.parts.keys()].filter((number) => number > Number(query.get("part-number-marker") ?? 0)).sort((a, b) => a - b);
  const page = numbers.slice(0, PAGE);
  const more = numbers.length > page.length;
  const entries = page.map((number) => {
    const part = upload.parts.get(number);
    const sum = part?.sha256 ? `<ChecksumSHA256>${part.sha256}</ChecksumSHA256>` : "";
    return `<Part><PartNumber>${number}</PartNumber><LastModified>${part?.modified.toISOString()}</LastModified><ETag>${part?.etag}</ETag><Size>${part?.data.length}</Size>${sum}</Part>`;
  });
  const rest = `${upload.checksum ? `<ChecksumAlgorithm>${upload.checksum}</ChecksumAlgorithm>` : ""}${more ? `<NextPartNumberMarker>${page.at(-1)}</NextPartNumberMarker>` : ""}`;
  return xml(`<ListPartsResult><Bucket>${name}</Bucket><Key>${key}</Key><IsTruncated>${more}</IsTruncated>${rest}${entries.join("")}</ListPartsResult>`);
}

function completeList(text: string): { number: number; etag: string; sha256: string | undefined }[] {
  return [...text.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, inside = ""]) => {
    const field = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`, "s").exec(inside)?.[1]?.replaceAll("&quot;", '"');
    return { number: Number(field("PartNumber")), etag: field("ETag") ?? "", sha256: field("ChecksumSHA256") };
  });
}

function metadataOf(request: IncomingMessage): Record<string, string> {
  const entries = Object.entries(request.headers).filter(([name]) => name.startsWith("x-amz-meta-"));
  return Object.fromEntries(entries.map(([name, value]) => [name.slice("x-amz-meta-".length), String(value)]));
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function xml(text: string): Answer {
  return { status: 200, headers: { "content-type": "application/xml" }, body: `<?xml version="1.0" encoding="UTF-8"?>\n${text}` };
}
