import { parseSetKey } from "#lib/domain/backup/storage-keys.ts";
import { listParts, openUploads } from "./find-upload.ts";
import { abandon, type Sending } from "./sending.ts";

/**
 * Ends unfinished uploads that no part was added to for so long: those in this host's journal, and those that the bucket lists under
 * keys of our own layout (other hosts', or from a lost state folder). Uploads of others in a shared bucket are left alone.
 */
export async function sweepUploads(sending: Pick<Sending, "client" | "config" | "journal">, olderThanMs: number): Promise<number> {
  const { client, config, journal } = sending;
  let removed = 0;
  for (const head of await journal.older(config.bucket, olderThanMs)) {
    await abandon(sending, head.key, head.uploadId);
    removed += 1;
  }
  if (!config.findUploads) return removed;
  const before = Date.now() - olderThanMs;
  const base = config.prefix ? `${config.prefix}/` : "";
  for (const { Key, UploadId, Initiated } of await openUploads(client, config.bucket, base)) {
    if (!Key || !UploadId || !Initiated || Initiated.getTime() > before || !parseSetKey(Key.slice(base.length))) continue;
    const listed = await listParts(client, config.bucket, Key, UploadId);
    if (!listed || listed.parts.some((part) => (part.LastModified?.getTime() ?? 0) > before)) continue;
    await abandon(sending, Key, UploadId);
    removed += 1;
  }
  return removed;
}
