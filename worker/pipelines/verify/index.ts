import type { CopyCheck, RestoreTest, Verification } from "#lib/contract/manifest/verification.ts";
import { partsOf } from "#lib/contract/manifest/parts.ts";
import { isPhysical } from "#lib/domain/backup/methods.ts";
import { asFault, Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { verificationKey } from "#lib/domain/backup/storage-keys.ts";
import { readBack } from "#worker/destinations/read-back.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import { withRunLock } from "#worker/host/run-lock.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { signVerification } from "#worker/host/sign-document.ts";
import { readSet, type StoredSet } from "#worker/pipelines/catalog/read-set.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { physicalTest } from "./physical-test.ts";
import { restoreTest } from "./restore-test.ts";

export const INTACT_STAGES = ["read", "record"] as const;
export const PROVEN_STAGES = ["read", "sandbox", "load", "compare", "record"] as const;

export interface VerifyRequest {
  readonly server: string;
  readonly setId: string;
  readonly level: "intact" | "proven";
  /** Only this destination; absent = every one that is configured. */
  readonly destination?: string;
}

export interface VerifyResult {
  readonly verification: Verification;
}

/**
 * Verifies a set: every artifact of every copy read again and compared (intact); then one intact copy restored into an isolated server and
 * compared with what was recorded at the snapshot (proven). The verdict is stored beside the set at every destination.
 * Fault VERIFICATION_FAILED when the restored data differ (the verdict «refused» is stored first), COPY_CORRUPT when no copy is whole, MANIFEST_MISSING when nobody has such a set.
 */
export async function verifySet(context: RunContext, host: HostRuntime, request: VerifyRequest): Promise<VerifyResult> {
  const names = request.destination ? [request.destination] : host.settings.destinations.map((destination) => destination.name);
  const destinations = openDestinations(host, names);
  return withRunLock(host.folders.locks, `verify-${request.setId}`, async () => {
    try {
      const { copies, sets, readable } = await context.stage("read", () => readCopies(context, host, destinations, request));
      const source = sets.find((set) => copies.some((copy) => copy.destination === set.destination.id && copy.state === "intact"));
      if (!source) {
        if (copies.every(({ state }) => state === "missing") && readable.length === 0) throw new Fault("MANIFEST_MISSING", { params: { set: request.setId, destination: names.join(", ") } });
        if (!request.destination && copies.every(({ state }) => state === "corrupt" || state === "missing")) await refuse(context, host, readable, copies, request.setId);
        throw new Fault("COPY_CORRUPT", { params: { key: request.setId, destination: names.join(", "), message: copies.map((copy) => `${copy.destination}: ${copy.problem ?? copy.state}`).join("; ") } });
      }
      const test = request.level === "proven" ? await (isPhysical(source.signed.manifest) ? physicalTest : restoreTest)(context, host, source) : (source.verification?.restoreTest ?? null);
      const verification: Verification = {
        format: "salvagente-verification/1",
        setId: request.setId,
        manifestSha256: source.manifestSha256,
        level: levelOf(test),
        updatedAt: new Date(context.clock.now()).toISOString(),
        copies,
        restoreTest: test,
      };
      await context.stage("record", () => storeVerdict(context, host, sets, verification));
      context.emit({ type: "verification", setId: request.setId, level: verification.level, copies, restoreTest: test });
      const first = test?.verdict === "refused" ? test.differences[0] : undefined;
      if (first && request.level === "proven") {
        throw new Fault("VERIFICATION_FAILED", {
          params: { difference: `${first.kind} ${first.object}: expected ${first.expected}, found ${first.found}` },
          detail: test?.differences.map((item) => `${item.kind}\t${item.object}\t${item.expected}\t${item.found}`).join("\n") ?? "",
        });
      }
      return { verification };
    } finally {
      await Promise.allSettled(destinations.map((destination) => destination.close()));
    }
  });
}

function levelOf(test: RestoreTest | null): Verification["level"] {
  return test === null ? "intact" : test.verdict === "proven" ? "proven" : "refused";
}

/** Reads every artifact of every copy, of a differential those of its full as well that belong to it. A destination that lacks the set or does not answer is told, not fatal. */
async function readCopies(context: RunContext, host: HostRuntime, destinations: readonly Destination[], request: VerifyRequest): Promise<{ copies: CopyCheck[]; sets: StoredSet[]; readable: StoredSet[] }> {
  const sets: StoredSet[] = [];
  const readable: StoredSet[] = [];
  let done = 0;
  const check = async (destination: Destination): Promise<CopyCheck> => {
    let bytes = 0;
    const result = (state: CopyCheck["state"], problem?: string): CopyCheck => ({ destination: destination.id, state, checkedAt: new Date(context.clock.now()).toISOString(), bytes, ...(problem ? { problem } : {}) });
    try {
      const set = await readSet(host, destination, request.server, request.setId);
      readable.push(set);
      const { artifacts } = set.signed.manifest;
      bytes = artifacts.reduce((sum, artifact) => sum + artifact.sealed.bytes, 0);
      const parts = partsOf(set.signed.manifest);
      const bytesTotal = parts.reduce((sum, { artifact }) => sum + artifact.sealed.bytes, 0) * destinations.length;
      for (const { artifact, key } of parts) {
        const onBytes = (more: number): void => {
          done += more;
          context.progress({ stage: "read", bytesDone: done, bytesTotal, item: `${destination.id} ${artifact.name}` });
        };
        await readBack(destination, key, artifact.sealed, { signal: context.signal, onBytes });
      }
      sets.push(set);
      return result("intact");
    } catch (error) {
      if (context.signal.aborted) throw new Fault("CANCELLED");
      const fault = asFault(error);
      context.log("warn", `${destination.id}: ${fault.message}`);
      if (fault.code !== "MANIFEST_MISSING") context.finding("warning", faultRecord(fault));
      return result(STATES[fault.code] ?? "corrupt", fault.message);
    }
  };
  const copies = await Promise.all(destinations.map(check));
  for (const copy of copies) context.emit({ type: "copy", setId: request.setId, copy });
  // In the order of the destinations: the first is read from when restoring.
  return { copies, sets: destinations.flatMap((destination) => sets.filter((set) => set.destination === destination)), readable };
}

/** No copy is whole: an earlier verdict beside one of them must not go on calling the set sound. */
async function refuse(context: RunContext, host: HostRuntime, readable: readonly StoredSet[], copies: CopyCheck[], setId: string): Promise<void> {
  const [first] = readable;
  if (!first) return;
  const verification: Verification = {
    format: "salvagente-verification/1",
    setId,
    manifestSha256: first.manifestSha256,
    level: "refused",
    updatedAt: new Date(context.clock.now()).toISOString(),
    copies,
    restoreTest: first.verification?.restoreTest ?? null,
  };
  await storeVerdict(context, host, readable.filter((set) => set.manifestSha256 === first.manifestSha256), verification).catch((error: unknown) => context.finding("warning", faultRecord(error)));
  context.emit({ type: "verification", setId, level: verification.level, copies, restoreTest: verification.restoreTest });
}

const STATES: Partial<Record<string, CopyCheck["state"]>> = {
  MANIFEST_MISSING: "missing",
  DESTINATION_OBJECT_MISSING: "missing",
  DESTINATION_UNREACHABLE: "unreachable",
  DESTINATION_DENIED: "unreachable",
};

/** Puts the verdict beside every sound copy. Fault only when none took it: a proof that nobody can find again is none. */
async function storeVerdict(context: RunContext, host: HostRuntime, sets: readonly StoredSet[], verification: Verification): Promise<void> {
  const data = signVerification(verification, host.identity.signing);
  const results = await Promise.allSettled(
    sets.map((set) => set.destination.put(verificationKey(set.signed.manifest.server.name, set.signed.manifest.kind, verification.setId), { kind: "bytes", data }, { overwrite: true, signal: context.signal })),
  );
  const failures = results.flatMap((result) => (result.status === "rejected" ? [asFault(result.reason)] : []));
  for (const fault of failures) context.finding("warning", faultRecord(fault));
  const [first] = failures;
  if (first && failures.length === results.length) throw first;
}
