import type { Manifest } from "#lib/contract/manifest/manifest.ts";
import type { CopyCheck, Verification } from "#lib/contract/manifest/verification.ts";
import { asFault, Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { manifestKey, recoverKey, verificationKey } from "#lib/domain/backup/storage-keys.ts";
import { throwIfCancelled } from "#worker/destinations/cancelled.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { signManifest, signVerification } from "#worker/host/sign-document.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { recoverDocument } from "./recover-document.ts";

/**
 * Makes the set real: RECOVER.md and the first verdict, then the manifest as the very last object, at every destination whose copy was
 * read back intact. Gives the copies as they stand afterwards. Once begun it is not cancelled: a set would be real at one destination and
 * half there at another. Faults NO_COPY_STORED, CANCELLED (nothing was written then).
 */
export async function commitStage(
  context: RunContext,
  host: HostRuntime,
  set: { manifest: Manifest; manifestSha256: string; copies: readonly CopyCheck[]; destinations: readonly Destination[] },
): Promise<CopyCheck[]> {
  const { manifest } = set;
  throwIfCancelled(context.signal);
  const verdictOf = (copies: readonly CopyCheck[]): Verification => ({
    format: "salvagente-verification/1",
    setId: manifest.id,
    manifestSha256: set.manifestSha256,
    level: "intact",
    updatedAt: new Date(context.clock.now()).toISOString(),
    copies: [...copies],
    restoreTest: null,
  });
  const documents = [
    { key: recoverKey(manifest.server.name), data: Buffer.from(recoverDocument(manifest.server)), overwrite: true },
    { key: verificationKey(manifest.server.name, manifest.kind, manifest.id), data: signVerification(verdictOf(set.copies), host.identity.signing), overwrite: true },
    { key: manifestKey(manifest.server.name, manifest.kind, manifest.id), data: signManifest(manifest, host.identity.signing), overwrite: false },
  ];
  const commit = async (copy: CopyCheck): Promise<CopyCheck> => {
    const destination = set.destinations.find((candidate) => candidate.id === copy.destination);
    if (copy.state !== "intact" || !destination) return copy;
    try {
      for (const { key, data, overwrite } of documents) await destination.put(key, { kind: "bytes", data }, { overwrite });
      return copy;
    } catch (error) {
      const fault = asFault(error);
      context.finding("warning", faultRecord(fault));
      return { ...copy, state: "missing", problem: fault.message };
    }
  };
  /** A copy that was lost on the last steps must not be called whole by the verdict beside the others. */
  const tellOthers = async (copies: readonly CopyCheck[]): Promise<void> => {
    const data = signVerification(verdictOf(copies), host.identity.signing);
    const key = verificationKey(manifest.server.name, manifest.kind, manifest.id);
    const kept = set.destinations.filter(({ id }) => copies.some((copy) => copy.destination === id && copy.state === "intact"));
    const results = await Promise.allSettled(kept.map((destination) => destination.put(key, { kind: "bytes", data }, { overwrite: true })));
    for (const result of results) if (result.status === "rejected") context.finding("warning", faultRecord(result.reason));
  };
  const copies = await Promise.all(set.copies.map(commit));
  if (!copies.some((copy) => copy.state === "intact")) {
    throw new Fault("NO_COPY_STORED", { params: { message: copies.map((copy) => `${copy.destination}: ${copy.problem ?? copy.state}`).join("; ") } });
  }
  if (copies.some((copy, at) => copy.state !== set.copies[at]?.state)) await tellOthers(copies);
  return copies;
}
