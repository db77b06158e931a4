import { z } from "zod";
import { secretSource, slug } from "../names.ts";

/** Storage key segments, as in lib/domain/backup/storage-keys.ts. */
const keyPrefix = z.string().regex(/^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)?$/, "segments of letters, digits, dot, dash and underscore, divided by /");

const shared = {
  /** Stands in manifests, logs and upload states; never changed once copies exist. */
  name: slug,
  label: z.string().max(120).optional(),
  /** Upper bound for sending and reading together with every other run on this host that uses the same adapter object. */
  bandwidthBytesPerSecond: z.number().int().min(64 * 1024).optional(),
};

/** A folder on the worker's host or mounted there. */
export const localDestination = z.strictObject({
  kind: z.literal("local"),
  ...shared,
  /** Absolute path; created 0700 when its parent exists. */
  root: z.string().startsWith("/"),
  /** Refuse to write unless a file system is mounted at the root itself: an unmounted disk must not fill the system disk. */
  requireMount: z.boolean().default(false),
});
export type LocalDestinationConfig = z.infer<typeof localDestination>;

/** Amazon S3 or a server that speaks its protocol. */
export const s3Destination = z.strictObject({
  kind: z.literal("s3"),
  ...shared,
  /** `https://host[:port]`; absent = Amazon's own for the region. Plain http sends the data (not the secret key) readable. */
  endpoint: z.url({ protocol: /^https?$/ }).optional(),
  region: z.string().min(1).max(60).default("us-east-1"),
  bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
  /** Folder inside the bucket, without slash at either end; empty = the bucket itself. */
  prefix: keyPrefix.default(""),
  /** `https://endpoint/bucket/key` rather than `https://bucket.endpoint/key`; most servers outside Amazon need it. */
  forcePathStyle: z.boolean().default(false),
  accessKeyId: z.string().min(1).max(256),
  secretKey: secretSource,
  /** PEM file of the authority that signed the server's certificate, when it is not a public one. */
  caFile: z.string().optional(),
  /** Checksum the server compares and keeps. `none` for servers that refuse both; the body is covered by the signature in any case. */
  checksums: z.enum(["sha256", "md5", "none"]).default("sha256"),
  /** `If-None-Match: *` on writes, so that two hosts cannot overwrite each other. Off for servers that ignore or refuse it. */
  conditionalWrites: z.boolean().default(true),
  /**
   * Continue unfinished uploads that only the bucket knows (another host's, or after the loss of this host's records). Off for
   * servers that cannot list them; what this host began is continued in any case.
   */
  findUploads: z.boolean().default(true),
  /** Parts sent at once. */
  parallelParts: z.number().int().min(1).max(16).default(4),
  /** Smallest part; grows by itself where a body would need more than 10,000 parts. */
  partBytes: z.number().int().min(5 * 1024 * 1024).max(5 * 1024 ** 3).default(16 * 1024 * 1024),
});
export type S3DestinationConfig = z.infer<typeof s3Destination>;

export const destinationConfig = z.discriminatedUnion("kind", [localDestination, s3Destination]);
export type DestinationConfig = z.infer<typeof destinationConfig>;
