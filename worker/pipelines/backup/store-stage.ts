import { join } from "node:path";
import type { CopyCheck } from "#lib/contract/manifest/verification.ts";
import type { Artifact } from "#lib/contract/manifest/manifest.ts";
import { asFault, Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { artifactKey, type SetKind } from "#lib/domain/backup/storage-keys.ts";
import { readBack } from "#worker/destinations/read-back.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { settledAll } from "./settled-all.ts";

/** While one file is being made durable, another is digested. */
const LANES_ON_DISK = 2;

export interface StoreJob {
  readonly server: string;
  readonly kind: SetKind;
  readonly setId: string;
  readonly folder: string;
  readonly artifacts: readonly Artifact[];
  readonly destinations: readonly Destination[];
}

/**
 * Sends every artifact to every destination and reads each one back. Destinations work side by side and fail alone: the result says how each
 * copy stands. Fault NO_COPY_STORED when none holds the whole set.
 */
export async function storeStage(context: RunContext, job: StoreJob): Promise<CopyCheck[]> {
  const bytes = job.artifacts.reduce((sum, artifact) => sum + artifact.sealed.bytes, 0);
  const total = bytes * job.destinations.length * 2;
  let done = 0;
  const count = (destination: Destination) => (more: number) => {
    done += more;
    context.progress({ stage: "store", bytesDone: done, bytesTotal: total, item: destination.id });
  };
  const copies = await Promise.all(job.destinations.map((destination) => storeCopy(context, job, destination, bytes, count(destination))));
  for (const copy of copies) context.emit({ type: "copy", setId: job.setId, copy });
  if (!copies.some((copy) => copy.state === "intact")) {
    throw new Fault("NO_COPY_STORED", { params: { message: copies.map((copy) => `${copy.destination}: ${copy.problem ?? copy.state}`).join("; ") } });
  }
  return copies;
}

async function storeCopy(context: RunContext, job: StoreJob, destination: Destination, bytes: number, onBytes: (bytes: number) => void): Promise<CopyCheck> {
  const result = (state: CopyCheck["state"], problem?: string): CopyCheck => ({
    destination: destination.id,
    state,
    checkedAt: new Date(context.clock.now()).toISOString(),
    bytes,
    ...(problem ? { problem } : {}),
  });
  try {
    const unread: Artifact[] = [];
    // Greatest first: what is stored beside the last one is then small.
    const waiting = [...job.artifacts].sort((a, b) => a.sealed.bytes - b.sealed.bytes);
    const lane = async (): Promise<void> => {
      for (let artifact = waiting.pop(); artifact; artifact = waiting.pop()) {
        const body = { kind: "file", path: join(job.folder, artifact.name), bytes: artifact.sealed.bytes, sha256: artifact.sealed.sha256 } as const;
        const stored = await destination.put(artifactKey(job.server, job.kind, job.setId, artifact.name), body, { signal: context.signal, onBytes });
        if (stored.readBack) onBytes(artifact.sealed.bytes);
        else unread.push(artifact);
      }
    };
    await settledAll(Array.from({ length: destination.kind === "local" ? LANES_ON_DISK : 1 }, lane), () => waiting.splice(0));
    for (const artifact of unread) {
      const key = artifactKey(job.server, job.kind, job.setId, artifact.name);
      await readBack(destination, key, artifact.sealed, { signal: context.signal, onBytes });
    }
    return result("intact");
  } catch (error) {
    if (context.signal.aborted) throw new Fault("CANCELLED");
    const fault = asFault(error);
    context.finding("warning", faultRecord(fault));
    context.log("error", `${destination.id}: ${fault.message}`);
    return result(fault.code === "COPY_CORRUPT" ? "corrupt" : fault.code === "DESTINATION_UNREACHABLE" ? "unreachable" : "missing", fault.message);
  }
}
