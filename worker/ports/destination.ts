import type { Readable } from "node:stream";

/** What is stored: a finished file in the spool, or a small document held in memory (manifest, RECOVER.md). */
export type Body =
  | {
      readonly kind: "file";
      readonly path: string;
      readonly bytes: number;
      readonly sha256: string;
      /** Nobody writes to this file ever again: a place on the same file system may take the file itself instead of a copy of it. */
      readonly final?: true;
    }
  | { readonly kind: "bytes"; readonly data: Buffer };

export interface PutOptions {
  readonly signal?: AbortSignal;
  /** Called with the bytes sent since the last call. */
  readonly onBytes?: (bytes: number) => void;
  /** Awaited before each piece is sent; with-throttle.ts sets it to keep a bandwidth. */
  readonly pace?: (bytes: number, signal?: AbortSignal) => Promise<void>;
  /** Documents that may change (verification.json, RECOVER.md, indexes). Artifacts never: a different body under a taken key is a fault. */
  readonly overwrite?: boolean;
}

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  /** ISO-8601 UTC, where the destination tells. */
  readonly modifiedAt?: string;
  /** Of put(): after the body was durable the adapter has read it back from the place, to its end, and found the body's SHA-256. */
  readonly readBack?: true;
}

export interface DigestOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes read since the last call. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  /** Awaited after each piece is read, before it is taken in; to keep a bandwidth. */
  readonly pace?: PutOptions["pace"] | undefined;
}

export interface ObjectDigest {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** One step of a connection test, in the order done: dns, tcp, tls, login, write, read, delete … */
export interface ProbeStep {
  readonly step: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly detail?: string;
}

/**
 * A place that keeps copies. Keys are relative, with `/`, made by us from `[A-Za-z0-9._-]` segments; an adapter refuses any other (Fault DESTINATION_KEY_INVALID).
 * Every method rejects with Fault DESTINATION_* and says whether a retry may help. A crash at any moment leaves either no object
 * or a whole one under a key, never a torn one.
 */
export interface Destination {
  readonly id: string;
  readonly kind: "local" | "s3" | "google-drive" | "sftp" | "ftps" | "rsync";
  /** Stores the body; returns when it is durable. Idempotent: the same body under the same key is not sent again. Resumes an upload that was cut. */
  put(key: string, body: Body, options?: PutOptions): Promise<StoredObject>;
  /** The object's bytes, from `offset` (default 0). Fault DESTINATION_OBJECT_MISSING when there is none. */
  get(key: string, options?: { signal?: AbortSignal; offset?: number }): Promise<Readable>;
  /** Bytes and SHA-256 (hex) of the whole object, where an adapter reads it cheaper than get() hands it out. */
  digest?(key: string, options?: DigestOptions): Promise<ObjectDigest>;
  stat(key: string): Promise<StoredObject | null>;
  /** All objects under the prefix, in key order; partial uploads are not listed. */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** Removing what is not there is no error. Fault DESTINATION_OBJECT_LOCKED where a lock forbids it. */
  remove(key: string): Promise<void>;
  /** Total and free bytes, or null where the place cannot tell. */
  space(): Promise<{ totalBytes: number; freeBytes: number } | null>;
  /** Removes what uploads left that stopped growing more than `olderThanMs` ago (partial files, open multipart uploads). Returns how many. */
  sweep(olderThanMs: number): Promise<number>;
  /** Staged connection test; never throws, stops at the first step that fails. */
  probe(): Promise<ProbeStep[]>;
  close(): Promise<void>;
}
