import { createReadStream } from "node:fs";
import { mkdir, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { partsOf } from "#lib/contract/manifest/parts.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { LoadableArtifact } from "#worker/engines/load/load-artifact.ts";
import { hostKeyring } from "#worker/host/recipients.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { type Fetching, fetchArtifact } from "#worker/pipelines/catalog/fetch-artifact.ts";
import { loadablePart, requireKeys } from "#worker/pipelines/catalog/loadable-artifacts.ts";
import { unseal } from "#worker/streams/unseal.ts";
import type { Draft } from "./draft.ts";

/**
 * Brings the sealed artifacts into a folder and compares each with its digest before a byte of it is opened. A copy that is damaged or away gives
 * way to the next destination. Faults: those of {@link fetchArtifact}, DISK_SPACE, KEY_MISSING.
 */
export async function downloadStage(context: RunContext, host: HostRuntime, draft: Draft, fetching: Fetching): Promise<LoadableArtifact[]> {
  const { folder } = fetching;
  const keyring = await hostKeyring(host);
  const parts = partsOf(draft.set.signed.manifest).filter(({ artifact }) => draft.artifacts.includes(artifact.name));
  await requireKeys(keyring, parts);
  const bytesTotal = parts.reduce((sum, { artifact }) => sum + artifact.sealed.bytes, 0);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < bytesTotal) throw new Fault("DISK_SPACE", { params: { path: folder, free: `${Math.floor((bavail * bsize) / 1e6)} MB`, needed: `${Math.ceil(bytesTotal / 1e6)} MB` } });
  let bytesDone = 0;
  for (const part of parts) {
    await fetchArtifact(fetching, part, context.signal, (bytes) => {
      bytesDone += bytes;
      context.progress({ stage: "download", bytesDone, bytesTotal, item: part.artifact.name });
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

export async function discardDownload(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
