import type { PolicyConfig } from "#lib/contract/config/policy.ts";
import type { Manifest, SourceServer } from "#lib/contract/manifest/manifest.ts";
import type { CopyCheck } from "#lib/contract/manifest/verification.ts";
import { type BaseVerdict, type DifferentialMethod, judgeBase } from "#lib/domain/backup/choose-base.ts";
import { isPhysical } from "#lib/domain/backup/methods.ts";
import { asFault, Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { listSetKeys, readSet, type StoredSet } from "#worker/pipelines/catalog/read-set.ts";
import { requireFull } from "#worker/pipelines/catalog/require-full.ts";
import type { Destination } from "#worker/ports/destination.ts";

const NONE = "There is no full of it yet.";

/** The full that a differential builds on, and where it lies. */
export interface Base {
  readonly manifest: Manifest;
  readonly manifestSha256: string;
  /** Destinations that hold it as a whole; the differential goes to no other. */
  readonly destinations: readonly Destination[];
  /** The others, as copies that will not be. */
  readonly absent: readonly CopyCheck[];
}

/** The differential that is wanted: of this policy, by this method. */
export interface BaseJob {
  readonly policy: PolicyConfig;
  readonly method: DifferentialMethod;
  readonly server: SourceServer;
  readonly destinations: readonly Destination[];
}

/**
 * The newest proven full of the policy, at those of its destinations that hold it. Reads manifests and sizes. Faults DIFFERENTIAL_NO_BASE, DIFFERENTIAL_METHOD,
 * DIFFERENTIAL_OTHER_SERVER, DIFFERENTIAL_NO_PAGES, DIFFERENTIAL_BASE_ABSENT (no destination holds it), DESTINATION_* (none answers).
 */
export async function findBase(context: RunContext, host: HostRuntime, job: BaseJob): Promise<Base> {
  const { policy, server, destinations } = job;
  let newest = NONE;
  for (const id of await fullIds(context, destinations, server.name)) {
    const copies = await copiesOf(host, destinations, server.name, id);
    const [first] = copies;
    if (!first) continue;
    const { manifest } = first.signed;
    const verdict = verdictOf(first, levelOf(copies), job);
    if (verdict === "passed-over") continue;
    if (verdict === "not-proven") {
      if (newest === NONE) newest = `The newest one, ${id}, has not passed its test.`;
      continue;
    }
    if (verdict === "other-method") throw new Fault("DIFFERENTIAL_METHOD", { params: { policy: policy.name } });
    if (verdict === "other-server") throw new Fault("DIFFERENTIAL_OTHER_SERVER", { params: { set: id, base: manifest.server.uuid, found: server.uuid } });
    if (verdict === "no-pages") throw new Fault("DIFFERENTIAL_NO_PAGES", { params: { set: id } });
    context.log("info", `compared with full ${id}, snapshot ${manifest.snapshotAt}`);
    return whereWhole(context, destinations, copies.filter(({ manifestSha256 }) => manifestSha256 === first.manifestSha256));
  }
  throw new Fault("DIFFERENTIAL_NO_BASE", { params: { policy: policy.name, newest } });
}

/** Leaves out the destinations that no longer hold those of the base's files that the differential needs. Fault DIFFERENTIAL_BASE_ABSENT when none does. */
export async function stillThere(context: RunContext, manifest: Manifest, copies: readonly CopyCheck[], destinations: readonly Destination[]): Promise<CopyCheck[]> {
  const { parent } = manifest;
  if (!parent) return [...copies];
  let lost: unknown;
  const kept = await Promise.all(
    copies.map(async (copy) => {
      const destination = destinations.find(({ id }) => id === copy.destination);
      if (copy.state !== "intact" || !destination) return copy;
      try {
        await requireFull(destination, { server: manifest.server.name, setId: parent.setId, artifacts: parent.artifacts });
        return copy;
      } catch (error) {
        lost ??= error;
        return absentCopy(context, destination, error);
      }
    }),
  );
  if (lost && !kept.some(({ state }) => state === "intact")) throw lost;
  return kept;
}

function verdictOf(set: StoredSet, level: string, { policy, method, server }: BaseJob): BaseVerdict {
  const { manifest } = set.signed;
  return judgeBase(
    { policy: manifest.policy, method: manifest.method, flavor: manifest.server.flavor, serverUuid: manifest.server.uuid, schemas: manifest.schemas, proven: level === "proven", takesPages: manifest.physical?.lsn !== undefined },
    { policy: policy.name, method, flavor: server.flavor, serverUuid: server.uuid, schemas: policy.schemas ?? null, twoSets: policy.alsoDump === true },
  );
}

/** Ids of all fulls at any destination, newest first. */
async function fullIds(context: RunContext, destinations: readonly Destination[], server: string): Promise<string[]> {
  const ids = new Set<string>();
  let answered = false;
  let last: unknown;
  for (const destination of destinations) {
    try {
      for (const key of await listSetKeys(destination, server)) if (key.kind === "full") ids.add(key.setId);
      answered = true;
    } catch (error) {
      last = error;
      context.finding("warning", faultRecord(error));
    }
  }
  if (!answered) throw last;
  return [...ids].sort().reverse();
}

/** The set at each destination that gives it soundly. */
async function copiesOf(host: HostRuntime, destinations: readonly Destination[], server: string, id: string): Promise<StoredSet[]> {
  const copies = await Promise.all(
    destinations.map((destination) =>
      readSet(host, destination, server, id).catch((error: unknown) => {
        host.log.warn({ destination: destination.id, setId: id, fault: asFault(error).code }, "full not readable here");
        return null;
      }),
    ),
  );
  return copies.filter((copy) => copy !== null);
}

/** What the newest verdict beside any of the copies says. */
function levelOf(copies: readonly StoredSet[]): string {
  const verdicts = copies.flatMap(({ verification }) => verification ?? []).sort((one, other) => Date.parse(other.updatedAt) - Date.parse(one.updatedAt));
  return verdicts[0]?.level ?? "completed";
}

async function whereWhole(context: RunContext, destinations: readonly Destination[], copies: readonly StoredSet[]): Promise<Base> {
  const [first] = copies;
  if (!first) throw new Error("no copy of the base");
  const { manifest } = first.signed;
  const data = manifest.artifacts.filter(({ role }) => role === (isPhysical(manifest) ? "files" : "data"));
  const held: Destination[] = [];
  const absent: CopyCheck[] = [];
  let lost: unknown;
  for (const destination of destinations) {
    try {
      await requireFull(destination, { server: manifest.server.name, setId: manifest.id, artifacts: data });
      if (!copies.some((copy) => copy.destination === destination)) throw new Fault("DIFFERENTIAL_BASE_ABSENT", { params: { destination: destination.id, set: manifest.id, missing: "its manifest" } });
      held.push(destination);
    } catch (error) {
      lost ??= error;
      absent.push(absentCopy(context, destination, error));
    }
  }
  if (held.length === 0) throw lost;
  return { manifest, manifestSha256: first.manifestSha256, destinations: held, absent };
}

function absentCopy(context: RunContext, destination: Destination, error: unknown): CopyCheck {
  const fault = asFault(error);
  context.finding("warning", faultRecord(fault));
  context.log("error", `${destination.id}: ${fault.message}`);
  const state = fault.code === "DIFFERENTIAL_BASE_ABSENT" ? "missing" : "unreachable";
  return { destination: destination.id, state, checkedAt: new Date(context.clock.now()).toISOString(), bytes: 0, problem: fault.message };
}
