import { createHash } from "node:crypto";
import { appendFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { sha256Hex } from "#lib/contract/names.ts";

const head = z.object({
  v: z.literal(1),
  destination: z.string(),
  bucket: z.string(),
  /** Full object key, prefix included. */
  key: z.string(),
  uploadId: z.string(),
  bytes: z.number().int(),
  /** Of the whole body. */
  sha256: sha256Hex,
  partBytes: z.number().int(),
});
export type UploadHead = z.infer<typeof head>;

const donePart = z.object({ n: z.number().int(), etag: z.string(), sha256: sha256Hex });
export type DonePart = z.infer<typeof donePart>;

export interface Upload {
  readonly head: UploadHead;
  readonly done: Map<number, DonePart>;
}

/**
 * What is known about unfinished uploads, one file each on the host's disk: a line for the upload, then a line per part that
 * the server took. Only a help to continue: without it an upload is found by listing, or begins again.
 */
export class PartJournal {
  readonly #folder: string;
  readonly #destination: string;

  constructor(folder: string, destination: string) {
    this.#folder = folder;
    this.#destination = destination;
  }

  async read(bucket: string, key: string): Promise<Upload | null> {
    const upload = await readUpload(this.#path(bucket, key));
    return upload?.head.key === key && upload.head.bucket === bucket ? upload : null;
  }

  /** Starts the record anew. */
  async begin(upload: Upload): Promise<void> {
    const path = this.#path(upload.head.bucket, upload.head.key);
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await writeFile(`${path}.new`, `${[upload.head, ...upload.done.values()].map((line) => JSON.stringify(line)).join("\n")}\n`, { mode: 0o600 });
    await rename(`${path}.new`, path);
  }

  async add(upload: Upload, part: DonePart): Promise<void> {
    upload.done.set(part.n, part);
    await appendFile(this.#path(upload.head.bucket, upload.head.key), `${JSON.stringify(part)}\n`, { mode: 0o600 });
  }

  async forget(bucket: string, key: string): Promise<void> {
    await rm(this.#path(bucket, key), { force: true });
  }

  /** Records of this destination's bucket that nothing was added to for so long. */
  async older(bucket: string, than: number): Promise<UploadHead[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const found: UploadHead[] = [];
    for (const name of names) {
      if (!name.startsWith(`${this.#destination}.`) || !name.endsWith(".ndjson")) continue;
      const path = join(this.#folder, name);
      const age = Date.now() - (await stat(path).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs;
      const upload = age >= than ? await readUpload(path) : null;
      if (upload?.head.bucket === bucket) found.push(upload.head);
    }
    return found;
  }

  #path(bucket: string, key: string): string {
    return join(this.#folder, `${this.#destination}.${createHash("sha256").update(`${bucket}\n${key}`).digest("hex").slice(0, 40)}.ndjson`);
  }
}

/** The record, or null when there is none or its first line cannot be read. A torn last line (crash) is left out. */
async function readUpload(path: string): Promise<Upload | null> {
  const text = await readFile(path, "utf8").catch(() => "");
  const [first, ...rest] = text.split("\n");
  const parsed = head.safeParse(parseJson(first ?? ""));
  if (!parsed.success) return null;
  const done = new Map<number, DonePart>();
  for (const line of rest) {
    const part = donePart.safeParse(parseJson(line));
    if (part.success) done.set(part.data.n, part.data);
  }
  return { head: parsed.data, done };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
