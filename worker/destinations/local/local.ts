import { constants } from "node:fs";
import { lstat, open, rm, rmdir, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import type { LocalDestinationConfig } from "#lib/contract/config/destination.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Body, Destination, DigestOptions, ObjectDigest, ProbeStep, PutOptions, StoredObject } from "#worker/ports/destination.ts";
import { type OpenBody, CHUNK, bodyChanged, openBody } from "../body.ts";
import { cancelled, throwIfCancelled } from "../cancelled.ts";
import { KeyTurns } from "../key-turns.ts";
import { requireKey, requirePrefix } from "../require-key.ts";
import { digestFile } from "./digest-file.ts";
import { localFault } from "./local-faults.ts";
import { probeLocal } from "./probe-local.ts";
import { entriesInKeyOrder, makeFolders, openRoot, pathOf } from "./root-folder.ts";
import { STALE_PARTIAL_MS, removeStalePartials, writeFile } from "./write-file.ts";

/** A folder on this host. Files 0600 in folders 0700, each written beside and renamed, so that a crash leaves a whole file or none. */
export class LocalDestination implements Destination {
  readonly kind = "local";
  readonly id: string;
  readonly #config: LocalDestinationConfig;
  readonly #turns = new KeyTurns();

  constructor(config: LocalDestinationConfig) {
    this.id = config.name;
    this.#config = config;
  }

  async put(key: string, body: Body, options: PutOptions = {}): Promise<StoredObject> {
    requireKey(key);
    return this.#turns.take(key, () => this.#mapped(() => this.#put(key, body, options), options.signal));
  }

  async get(key: string, options: { signal?: AbortSignal; offset?: number } = {}): Promise<Readable> {
    requireKey(key);
    return this.#mapped(async () => {
      const found = await this.#find(key);
      if (!found) throw this.#missing(key);
      const file = await open(found.path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: NodeJS.ErrnoException) => {
        throw error.code === "ENOENT" ? this.#missing(key) : error;
      });
      return Readable.from(this.#chunks(file.createReadStream({ start: options.offset ?? 0, highWaterMark: CHUNK }), options.signal), {
        objectMode: false,
        highWaterMark: CHUNK,
      });
    }, options.signal);
  }

  async digest(key: string, options: DigestOptions = {}): Promise<ObjectDigest> {
    requireKey(key);
    return this.#mapped(async () => {
      const found = await this.#find(key);
      if (!found) throw this.#missing(key);
      return digestFile(found.path, options);
    }, options.signal);
  }

  async stat(key: string): Promise<StoredObject | null> {
    requireKey(key);
    return this.#mapped(async () => (await this.#find(key))?.object ?? null);
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    requirePrefix(prefix);
    const cut = prefix.lastIndexOf("/");
    const start = cut < 0 ? "" : prefix.slice(0, cut);
    try {
      const root = await this.#root();
      const folder = start === "" ? root : await pathOf(this.id, root, start);
      yield* walk(folder, start === "" ? "" : `${start}/`, prefix);
    } catch (error) {
      throw localFault(this.id, error);
    }
  }

  async remove(key: string): Promise<void> {
    requireKey(key);
    await this.#turns.take(key, () =>
      this.#mapped(async () => {
        const root = await this.#root();
        const path = await pathOf(this.id, root, key);
        await rm(path, { force: true });
        // Folders that are empty now go too; another writer's folder is not empty or is made again by it.
        for (let folder = dirname(path); folder !== root && folder.startsWith(root); folder = dirname(folder)) {
          if (!(await rmdir(folder).then(() => true, () => false))) break;
        }
      }),
    );
  }

  async space(): Promise<{ totalBytes: number; freeBytes: number }> {
    return this.#mapped(async () => {
      const found = await statfs(await this.#root());
      return { totalBytes: found.blocks * found.bsize, freeBytes: found.bavail * found.bsize };
    });
  }

  async sweep(olderThanMs: number): Promise<number> {
    return this.#mapped(async () => sweepFolder(await this.#root(), olderThanMs));
  }

  probe(): Promise<ProbeStep[]> {
    return probeLocal(this, () => this.#root());
  }

  async close(): Promise<void> {}

  async #put(key: string, given: Body, options: PutOptions): Promise<StoredObject> {
    throwIfCancelled(options.signal);
    const body = await openBody(given, this.id);
    try {
      const root = await this.#root();
      const target = await pathOf(this.id, root, key);
      const there = await this.#same(key, body, options);
      if (there) return there;
      await makeFolders(root, dirname(target));
      await removeStalePartials(dirname(target), STALE_PARTIAL_MS);
      const outcome = await writeFile(target, body, options, () => this.#requireSpace(root, body.bytes));
      if (outcome === "wrong-digest") throw bodyChanged(this.id, key);
      if (outcome === "corrupt") throw new Fault("COPY_CORRUPT", { params: { destination: this.id, key, message: `what was written does not read as SHA-256 ${body.sha256}` } });
      if (outcome === "taken") {
        const other = await this.#same(key, body, options);
        if (other) return other;
      }
      const stored = await this.#find(key);
      if (!stored) throw new Fault("DESTINATION_FAILED", { params: { destination: this.id, message: `${key} vanished after it was written` } });
      return { ...stored.object, readBack: true };
    } finally {
      await body.close();
    }
  }

  /** What stands under the key if it is the same body; null when nothing does or it may be replaced; otherwise Fault DESTINATION_KEY_TAKEN. */
  async #same(key: string, body: OpenBody, options: PutOptions): Promise<StoredObject | null> {
    const found = await this.#find(key);
    if (!found) return null;
    if (found.object.bytes === body.bytes) {
      if ((await digestFile(found.path, { signal: options.signal })).sha256 === body.sha256) return { ...found.object, readBack: true };
    }
    if (options.overwrite) return null;
    throw new Fault("DESTINATION_KEY_TAKEN", { params: { destination: this.id, key } });
  }

  async #find(key: string): Promise<{ path: string; object: StoredObject } | null> {
    const path = await pathOf(this.id, await this.#root(), key);
    const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
      throw error;
    });
    if (!found?.isFile()) return null;
    return { path, object: { key, bytes: found.size, modifiedAt: found.mtime.toISOString() } };
  }

  async #requireSpace(root: string, bytes: number): Promise<void> {
    const found = await statfs(root);
    const free = found.bavail * found.bsize;
    if (bytes <= free) return;
    throw new Fault("DESTINATION_FULL", { params: { destination: this.id, message: `${bytes} bytes are needed, ${free} are free under ${root}` } });
  }

  #root(): Promise<string> {
    return openRoot({ destination: this.id, root: this.#config.root, requireMount: this.#config.requireMount });
  }

  #missing(key: string): Fault {
    return new Fault("DESTINATION_OBJECT_MISSING", { params: { destination: this.id, key } });
  }

  async *#chunks(source: Readable, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of source) {
        throwIfCancelled(signal);
        yield chunk as Buffer;
      }
    } catch (error) {
      throw localFault(this.id, error);
    }
  }

  async #mapped<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      throwIfCancelled(signal);
      return await work();
    } catch (error) {
      throw signal?.aborted ? cancelled(signal) : localFault(this.id, error);
    }
  }
}

async function* walk(folder: string, base: string, prefix: string): AsyncGenerator<StoredObject> {
  for (const entry of await entriesInKeyOrder(folder)) {
    const key = base + entry.name;
    if (entry.name.startsWith(".") || entry.name === "lost+found") continue;
    if (entry.isDirectory()) {
      const inside = `${key}/`;
      if (inside.startsWith(prefix) || prefix.startsWith(inside)) yield* walk(join(folder, entry.name), inside, prefix);
    } else if (entry.isFile() && key.startsWith(prefix)) {
      const found = await lstat(join(folder, entry.name)).catch(() => null);
      if (found) yield { key, bytes: found.size, modifiedAt: found.mtime.toISOString() };
    }
  }
}

async function sweepFolder(folder: string, olderThanMs: number): Promise<number> {
  let removed = await removeStalePartials(folder, olderThanMs);
  for (const entry of await entriesInKeyOrder(folder)) {
    if (entry.isDirectory() && entry.name !== "lost+found") removed += await sweepFolder(join(folder, entry.name), olderThanMs);
  }
  return removed;
}
