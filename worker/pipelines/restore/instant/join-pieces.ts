import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rm, truncate } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { AnyCopy } from "#worker/pipelines/catalog/any-copy.ts";
import { diskFault } from "#worker/streams/spool-file.ts";
import { type ArchivedSegment, readAnywhere } from "./archived-segments.ts";

/** Brings one archived object to a path, opened and compared. */
export type FetchObject = (object: Pick<ArchivedSegment, "key" | "destinations" | "index" | "besides">, path: string) => Promise<void>;

/**
 * Puts the pieces of a file's beginning together at `path`, and checks the whole against the digest that the last one's description vouches for.
 * Faults of `fetch`; COPY_CORRUPT where sound pieces do not make what is described.
 */
export async function joinPieces(host: HostRuntime, { pieces, index, key }: ArchivedSegment, path: string, { copies, fetch }: { readonly copies: AnyCopy; readonly fetch: FetchObject }): Promise<void> {
  const part = `${path}.piece`;
  const lastPart = `${path}.last`;
  const last = pieces.at(-1);
  try {
    // The last one first: within seconds a longer one may replace it. The others stay until the file is closed.
    if (last) await fetch({ ...last, index: await readAnywhere(host, last, copies) }, lastPart);
    await rm(path, { force: true });
    for (const piece of pieces.slice(0, -1)) {
      await fetch({ ...piece, index: await readAnywhere(host, piece, copies) }, part);
      await append(part, path);
    }
    await append(lastPart, path);
    await truncate(path, index.content.endPosition);
    const found = await digestOf(path);
    if (found !== index.plain.sha256) throw new Fault("COPY_CORRUPT", { params: { key, destination: last?.destinations[0]?.id ?? "", message: `expected SHA-256 ${index.plain.sha256}, found ${found}` } });
  } catch (error) {
    await rm(path, { force: true });
    throw diskFault(error, path);
  } finally {
    await rm(part, { force: true });
    await rm(lastPart, { force: true });
  }
}

async function append(from: string, to: string): Promise<void> {
  await pipeline(createReadStream(from, { highWaterMark: 1024 * 1024 }), createWriteStream(to, { flags: "a", mode: 0o600 }));
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
