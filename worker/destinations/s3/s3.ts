import type { Readable } from "node:stream";
import { DeleteObjectCommand, HeadObjectCommand, type HeadObjectCommandOutput, ListObjectsV2Command, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { S3DestinationConfig } from "#lib/contract/config/destination.ts";
import { isStorageKey } from "#lib/domain/backup/storage-keys.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Secret } from "#lib/platform/secret.ts";
import type { Body, Destination, ProbeStep, PutOptions, StoredObject } from "#worker/ports/destination.ts";
import { type OpenBody, bodyChanged, openBody } from "../body.ts";
import { cancelled, throwIfCancelled } from "../cancelled.ts";
import { digestStream } from "../digest-stream.ts";
import { KeyTurns } from "../key-turns.ts";
import { requireKey, requirePrefix } from "../require-key.ts";
import { createClient } from "./client.ts";
import { objectStream } from "./object-stream.ts";
import { PartJournal } from "./part-journal.ts";
import { probeS3 } from "./probe-s3.ts";
import { errorStatus, s3Fault } from "./s3-faults.ts";
import { sendParts } from "./send-parts.ts";
import { checksumFields, digestRange, sendRange, signPayload } from "./send-range.ts";
import type { Sending } from "./sending.ts";
import { sweepUploads } from "./sweep-uploads.ts";

export interface S3Options {
  readonly secretKey: () => Promise<Secret>;
  /** Folder on the host's disk for the records of unfinished uploads; created 0700. */
  readonly stateFolder: string;
  /** See ClientOptions. */
  readonly idleMs?: number;
}

/** Amazon S3 or a server that speaks its protocol. Tries each request once: wrap it with with-retry.ts. */
export class S3Destination implements Destination {
  readonly kind = "s3";
  readonly id: string;
  readonly #config: S3DestinationConfig;
  readonly #client: S3Client;
  readonly #journal: PartJournal;
  readonly #turns = new KeyTurns();
  #bucketSeen = false;

  constructor(config: S3DestinationConfig, options: S3Options) {
    this.id = config.name;
    this.#config = config;
    this.#client = createClient(config, { secretKey: options.secretKey, idleMs: options.idleMs ?? 60_000 });
    this.#journal = new PartJournal(options.stateFolder, config.name);
  }

  async put(key: string, body: Body, options: PutOptions = {}): Promise<StoredObject> {
    requireKey(key);
    return this.#turns.take(key, () => this.#mapped(key, () => this.#put(key, body, options), options.signal));
  }

  async get(key: string, options: { signal?: AbortSignal; offset?: number } = {}): Promise<Readable> {
    requireKey(key);
    return this.#mapped(key, () => objectStream(this.#client, this.#target(key), options, (error) => this.#fault(error, key, options.signal)), options.signal);
  }

  async stat(key: string): Promise<StoredObject | null> {
    requireKey(key);
    return this.#mapped(key, async () => asObject(key, await this.#head(key)));
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    requirePrefix(prefix);
    const base = this.#full("");
    // Gathered before it is given out: directory buckets list in no order, and some servers list a key twice.
    const found = new Map<string, StoredObject>();
    let token: string | undefined;
    do {
      const page = await this.#mapped(undefined, () =>
        this.#client.send(new ListObjectsV2Command({ Bucket: this.#config.bucket, Prefix: base + prefix, ...(token ? { ContinuationToken: token } : {}) })),
      );
      for (const { Key, Size, LastModified } of page.Contents ?? []) {
        const key = Key?.startsWith(base) ? Key.slice(base.length) : "";
        // Folder marks, and unfinished uploads where a server shows them.
        if (!isStorageKey(key)) continue;
        // Listed twice, once as it was when it began: the finished one counts.
        if ((found.get(key)?.bytes ?? -1) > (Size ?? 0)) continue;
        found.set(key, { key, bytes: Size ?? 0, ...(LastModified ? { modifiedAt: LastModified.toISOString() } : {}) });
      }
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token);
    for (const key of [...found.keys()].sort()) yield found.get(key) as StoredObject;
  }

  async remove(key: string): Promise<void> {
    requireKey(key);
    await this.#turns.take(key, () =>
      this.#mapped(key, async () => {
        // Looked at first: in a versioned bucket a delete of a locked object succeeds and only hides it.
        const found = await this.#head(key);
        if (!found) return;
        if (isLocked(found)) throw this.#locked(key);
        try {
          await this.#client.send(new DeleteObjectCommand(this.#target(key)));
        } catch (error) {
          if (errorStatus(error) === 403 && /object.?lock|worm|retention|legal hold/i.test((error as Error).message)) throw this.#locked(key, error);
          if (errorStatus(error) !== 404) throw error;
        }
      }),
    );
  }

  /** S3 has no notion of free space. */
  async space(): Promise<null> {
    return null;
  }

  async sweep(olderThanMs: number): Promise<number> {
    return this.#mapped(undefined, () => sweepUploads({ client: this.#client, config: this.#config, journal: this.#journal }, olderThanMs));
  }

  probe(): Promise<ProbeStep[]> {
    return probeS3(this, this.#config, () => this.#mapped(undefined, () => this.#greet()));
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }

  async #put(key: string, given: Body, options: PutOptions): Promise<StoredObject> {
    const body = await openBody(given, this.id);
    try {
      const there = await this.#same(key, body, options);
      if (there) return there;
      const sending: Sending = {
        client: this.#client,
        config: this.#config,
        journal: this.#journal,
        once: this.#config.conditionalWrites && !options.overwrite ? { IfNoneMatch: "*" } : {},
      };
      try {
        if (body.bytes > this.#config.partBytes) await sendParts(sending, this.#full(key), body, options);
        else await this.#putWhole(sending, key, body, options);
      } catch (error) {
        if (errorStatus(error) !== 412) throw error;
        const other = await this.#same(key, body, options);
        if (other) return other;
        throw error;
      }
      const stored = asObject(key, await this.#head(key));
      if (stored?.bytes === body.bytes) return stored;
      throw new Fault("DESTINATION_FAILED", {
        params: { destination: this.id, message: `${key} was accepted with ${body.bytes} bytes but ${stored ? `has ${stored.bytes}` : "is not there"}` },
      });
    } finally {
      await body.close();
    }
  }

  async #putWhole({ client, once, config }: Sending, key: string, body: OpenBody, options: PutOptions): Promise<void> {
    const digests = await digestRange(body, 0, body.bytes, config.checksums === "md5", options.signal);
    if (digests.sha256 !== body.sha256) throw bodyChanged(this.id, key);
    await sendRange(body, { start: 0, end: body.bytes }, options, (stream, abortSignal) => {
      const command = new PutObjectCommand({
        ...this.#target(key),
        ...once,
        ...checksumFields(config.checksums, digests),
        Body: body.bytes === 0 ? Buffer.alloc(0) : stream,
        ContentLength: body.bytes,
        ContentType: "application/octet-stream",
        Metadata: { sha256: body.sha256 },
      });
      signPayload(command, digests.sha256);
      return client.send(command, { abortSignal });
    });
  }

  /**
   * What stands under the key if it is the same body; null when nothing does or it may be replaced; otherwise Fault DESTINATION_KEY_TAKEN.
   * The digest in the metadata says yes; only when it says no or is missing are the bytes read.
   */
  async #same(key: string, body: OpenBody, options: PutOptions): Promise<StoredObject | null> {
    const found = await this.#head(key);
    const object = asObject(key, found);
    if (!found || !object) return null;
    if (object.bytes === body.bytes) {
      if (found.Metadata?.sha256 === body.sha256) return object;
      if (!options.overwrite) {
        const { sha256 } = await digestStream(await this.get(key, options.signal ? { signal: options.signal } : {}), options.signal);
        if (sha256 === body.sha256) return object;
      }
    }
    if (options.overwrite) return null;
    throw new Fault("DESTINATION_KEY_TAKEN", { params: { destination: this.id, key } });
  }

  async #head(key: string): Promise<HeadObjectCommandOutput | null> {
    try {
      return await this.#client.send(new HeadObjectCommand(this.#target(key)));
    } catch (error) {
      const status = errorStatus(error);
      if (status === undefined) throw error;
      // An answer to HEAD has no body and so no words: ask something that says why. The first 404 may mean the bucket.
      if (status !== 404 || !this.#bucketSeen) await this.#greet();
      if (status === 404) return null;
      throw error;
    }
  }

  /** The cheapest request whose error says which bucket, key or signature is wrong. */
  async #greet(): Promise<void> {
    await this.#client.send(new ListObjectsV2Command({ Bucket: this.#config.bucket, Prefix: this.#full(""), MaxKeys: 1 }));
    this.#bucketSeen = true;
  }

  #full(key: string): string {
    return this.#config.prefix ? `${this.#config.prefix}/${key}` : key;
  }

  #target(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#config.bucket, Key: this.#full(key) };
  }

  #locked(key: string, cause?: unknown): Fault {
    return new Fault("DESTINATION_OBJECT_LOCKED", { params: { destination: this.id, key }, cause });
  }

  #fault(error: unknown, key: string | undefined, signal: AbortSignal | undefined): Fault {
    return signal?.aborted ? cancelled(signal) : s3Fault(this.id, error, key);
  }

  async #mapped<T>(key: string | undefined, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      throwIfCancelled(signal);
      return await work();
    } catch (error) {
      throw this.#fault(error, key, signal);
    }
  }
}

function asObject(key: string, found: HeadObjectCommandOutput | null): StoredObject | null {
  if (!found) return null;
  return { key, bytes: found.ContentLength ?? 0, ...(found.LastModified ? { modifiedAt: found.LastModified.toISOString() } : {}) };
}

function isLocked(found: HeadObjectCommandOutput): boolean {
  return found.ObjectLockLegalHoldStatus === "ON" || (found.ObjectLockRetainUntilDate?.getTime() ?? 0) > Date.now();
}
