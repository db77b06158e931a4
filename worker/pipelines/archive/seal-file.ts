import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { SegmentContent, SegmentIndex } from "#lib/contract/archive/segment.ts";
import { nicenessOf } from "#lib/contract/config/niceness.ts";
import { FORMAT } from "#lib/contract/manifest/manifest.ts";
import { type BinlogEpoch, segmentIndexKey, segmentKey, tailKey, transactionsKey } from "#lib/domain/backup/storage-keys.ts";
import type { FaultRecord } from "#lib/domain/fault/fault.ts";
import { type Recipient, usableRecipients } from "#worker/host/recipients.ts";
import { replaceFile } from "#worker/host/replace-file.ts";
import { signSegment } from "#worker/host/sign-document.ts";
import { type SealWriter, seal } from "#worker/streams/seal.ts";
import type { RawFile } from "./raw-files.ts";
import { noteFault, type ServerArchive } from "./server-archive.ts";

/** Keys are looked at again after this, ms: one that expired meanwhile must not be used. */
const KEYS_HOLD_MS = 15 * 60_000;

/** A sealed file in the outbox with its signed description: once both are there, this very text is what every destination gets. */
export interface Outgoing {
  /** Keys at the destinations. */
  readonly key: string;
  readonly indexKey: string;
  readonly path: string;
  readonly index: Buffer;
  /** What the description says. */
  readonly segment: SegmentIndex;
  /** The list of its transactions, brought along. */
  readonly transactions: { readonly key: string; readonly path: string; readonly sealed: SegmentIndex["sealed"] } | null;
}

export interface SealJob {
  readonly log: BinlogEpoch;
  readonly raw: RawFile;
  readonly content: SegmentContent;
  /** A stretch of a file that the server still writes; null: the whole of a closed one. */
  readonly piece: SegmentIndex["piece"] | null;
  /** List of its transactions on this disk; null: none could be made. */
  readonly transactions?: string | null;
}

/**
 * Seals the whole events of a raw file, or a piece of them, into the outbox. What lies there already under the same key is taken as it is: sealing again gives other bytes,
 * and a destination may hold the first ones. Faults of seal(), KEY_UNUSABLE.
 */
export async function sealFile(archive: ServerArchive, job: SealJob): Promise<Outgoing> {
  const { host, outbox, signal } = archive;
  const { raw, content, log } = job;
  const key = job.piece ? tailKey(log, raw.name, job.piece) : segmentKey(log, raw.name);
  const waiting = waitingFor(outbox, key);
  if (waiting) return waiting;
  const path = join(outbox, boxName(key));
  const recipients = await recipientsOf(archive);
  const sealTo = async (source: string, stretch: Stretch, to: string) => {
    const { compression } = archive.policy;
    // What adapts to slow destinations is the size of backups: here the delay counts.
    const level = compression.codec === "zstd" && compression.level !== "auto" ? compression.level : 1;
    const writer = seal({ compression: "zstd", level, recipients: recipients.map((recipient) => recipient.path), tools: host.tools, tempDir: host.folders.temp, signal, niceness: nicenessOf(archive.policy).priority }, to);
    try {
      await readInto(writer, source, stretch);
    } catch (error) {
      await writer.abort(error);
      throw error;
    }
    const done = await writer.end();
    return { plain: { bytes: done.plainBytes, sha256: done.plainSha256 ?? "" }, sealed: { bytes: done.sealedBytes, sha256: done.sealedSha256, md5: done.sealedMd5 } };
  };
  const list = job.transactions ? await sealTo(job.transactions, { from: 0, to: Number.POSITIVE_INFINITY }, join(outbox, boxName(transactionsKey(key)))) : null;
  const done = await sealTo(raw.path, { from: job.piece?.from ?? 0, to: job.piece?.end ?? content.endPosition }, path);
  const segment: SegmentIndex = {
    format: FORMAT,
    kind: "segment",
    server: log.server,
    host: host.config.host,
    flavor: raw.session.flavor,
    serverUuid: log.serverUuid,
    epoch: log.epoch,
    file: raw.name,
    number: raw.number,
    archivedAt: new Date(host.clock.now()).toISOString(),
    content,
    ...(job.piece ? { piece: job.piece } : {}),
    ...done,
    recipients: recipients.map(({ fingerprint }) => fingerprint),
    ...(list ? { transactions: list } : {}),
  };
  replaceFile(`${path}.json`, signSegment(segment, host.identity.signing).toString("utf8"));
  const ready = waitingFor(outbox, key);
  if (!ready) throw new Error(`${path} was sealed and is gone`);
  return ready;
}

/** Bytes of a file from the first place up to the second, or to its end. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

async function readInto(writer: SealWriter, source: string, { from, to }: Stretch): Promise<void> {
  const file = await open(source, "r");
  try {
    for (let at = from; at < to; ) {
      const read = await writer.fill(async (room) => (await file.read(room, 0, Math.min(room.length, to - at), at)).bytesRead);
      if (read === 0) return;
      at += read;
    }
  } finally {
    await file.close();
  }
}

/** What lies in the outbox under a key, or null. Without its description nothing of it was sent yet: it is sealed anew. */
export function waitingFor(outbox: string, key: string): Outgoing | null {
  const path = join(outbox, boxName(key));
  if (!existsSync(`${path}.json`) || !existsSync(path)) return null;
  const index = readFileSync(`${path}.json`);
  const { segment } = JSON.parse(index.toString("utf8")) as { segment: SegmentIndex };
  const list = segment.transactions ? { key: transactionsKey(key), path: join(outbox, boxName(transactionsKey(key))), sealed: segment.transactions.sealed } : null;
  if (list && !existsSync(list.path)) return null;
  return { key, indexKey: segmentIndexKey(key), path, index, segment, transactions: list };
}

/** Where the outbox remembers that a destination holds the object, read back intact. */
export function storedMark(item: Outgoing, destination: string): string {
  return `${item.path}.at-${destination}`;
}

/** Removes from the outbox everything whose key the predicate gives up. */
export function clearOutbox(outbox: string, givenUp: (key: string) => boolean): void {
  for (const name of readdirSync(outbox)) if (givenUp(keyOf(name))) rmSync(join(outbox, name), { force: true });
}

/** Keys of which anything lies in the outbox. */
export function outboxKeys(outbox: string): string[] {
  return readdirSync(outbox).map(keyOf);
}

function keyOf(name: string): string {
  return name.replace(/\.(?:json|partial|json\.partial|at-[a-z0-9-]+)$/, "").replaceAll("+", "/");
}

/** A key as one file name; no key holds a `+`. */
function boxName(key: string): string {
  return key.replaceAll("/", "+");
}

const heldKeys = new WeakMap<ServerArchive, { at: number; recipients: readonly Recipient[] }>();

async function recipientsOf(archive: ServerArchive): Promise<readonly Recipient[]> {
  const { clock } = archive.host;
  const held = heldKeys.get(archive);
  if (held && clock.monotonic() - held.at < KEYS_HOLD_MS) return held.recipients;
  const context = { clock, finding: (_severity: string, fault: FaultRecord) => archive.host.log.warn({ server: archive.server, fault: fault.code, params: fault.params }, "archive keys") };
  const recipients = await usableRecipients(context, archive.host, archive.policy.recipients).catch((error: unknown) => {
    noteFault(archive, error);
    throw error;
  });
  heldKeys.set(archive, { at: clock.monotonic(), recipients });
  return recipients;
}
