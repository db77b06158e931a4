import { createReadStream } from "node:fs";
import { mkdir, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { partsOf, type SetPart } from "#lib/contract/manifest/parts.ts";
import { asFault, Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import type { LoadableArtifact } from "#worker/engines/load/load-artifact.ts";
import { hostKeyring } from "#worker/host/recipients.ts";
import { loadablePart, requireKeys } from "#worker/pipelines/catalog/loadable-artifacts.ts";
import { type RunContext, throwIfCancelled } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { discardPartial, publish, spool } from "#worker/streams/spool-file.ts";
import { unseal } from "#worker/streams/unseal.ts";
import type { Draft } from "./draft.ts";

/**
 * Brings the sealed artifacts into `folder` and compares each with its digest before a byte of it is opened. A copy that is damaged or away gives
 * way to the next destination. Faults: COPY_CORRUPT, DESTINATION_*, DISK_SPACE, DISK_FULL, KEY_MISSING, CANCELLED.
 */
export async function downloadStage(context: RunContext, host: HostRuntime, draft: Draft, folder: string): Promise<LoadableArtifact[]> {
  const keyring = await hostKeyring(host);
  const parts = partsOf(draft.set.signed.manifest).filter(({ artifact }) => draft.artifacts.includes(artifact.name));
  await requireKeys(keyring, parts);
  const bytesTotal = parts.reduce((sum, { artifact }) => sum + artifact.sealed.bytes, 0);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < bytesTotal) throw new Fault("DISK_SPACE", { params: { path: folder, free: `${Math.floor((bavail * bsize) / 1e6)} MB`, needed: `${Math.ceil(bytesTotal / 1e6)} MB` } });
  let bytesDone = 0;
  for (const { artifact, key } of parts) {
    await fetchArtifact(context, draft, { artifact, key }, join(folder, artifact.name), (bytes) => {
      bytesDone += bytes;
      context.progress({ stage: "download", bytesDone, bytesTotal, item: artifact.name });
    });
  }
  return parts.map((part) => ({
    ...loadablePart(part),
    open() {
      const { artifact } = part;
      const opened = unseal(createReadStream(join(folder, artifact.name), { highWaterMark: 256 * 1024 }), {
        compression: part.codec,
        keyring: keyring.access(),
        tools: host.tools,
        signal: context.signal,
        expected: { sealedSha256: artifact.sealed.sha256, plainSha256: artifact.plain.sha256, plainBytes: artifact.plain.bytes },
      });
      opened.done.catch(() => undefined);
      return opened.stream;
    },
  }));
}

async function fetchArtifact(context: RunContext, { set, destinations }: Draft, { artifact, key }: Pick<SetPart, "artifact" | "key">, path: string, onBytes: (bytes: number) => void): Promise<void> {
  let last: unknown;
  for (const destination of [set.destination, ...destinations.filter((other) => other !== set.destination)]) {
    throwIfCancelled(context.signal);
    try {
      const digests = await spool(await destination.get(key, { signal: context.signal }), path, onBytes);
      if (digests.sha256 !== artifact.sealed.sha256 || digests.bytes !== artifact.sealed.bytes) {
        throw new Fault("COPY_CORRUPT", { params: { key, destination: destination.id, message: `${digests.bytes} bytes, ${digests.sha256}` } });
      }
      await publish(path);
      return;
    } catch (error) {
      await discardPartial(path);
      throwIfCancelled(context.signal);
      const fault = asFault(error);
      if (!fault.code.startsWith("DESTINATION_") && fault.code !== "COPY_CORRUPT") throw fault;
      context.finding("warning", faultRecord(fault));
      last ??= fault;
    }
  }
  throw last;
}

export async function discardDownload(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
