import type { SignedManifest } from "#lib/contract/manifest/manifest.ts";
import type { Verification } from "#lib/contract/manifest/verification.ts";
import { asFault, Fault } from "#lib/domain/fault/fault.ts";
import { manifestKey, parseSetKey, SET_KINDS, type SetKey, type SetKind, verificationKey } from "#lib/domain/backup/storage-keys.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { manifestDigest, openManifest, openVerification } from "#worker/host/sign-document.ts";
import { type AnyCopy, exhausted } from "./any-copy.ts";
import { requireParent } from "./require-full.ts";
import type { Destination } from "#worker/ports/destination.ts";

/** A manifest of 10,000 tables has some 5 MB; more than this is no manifest. */
const DOCUMENT_LIMIT = 256 * 1024 * 1024;

export interface StoredSet {
  readonly destination: Destination;
  readonly signed: SignedManifest;
  readonly manifestSha256: string;
  /** The verdict beside this copy, when a trusted worker signed it about this very manifest. */
  readonly verification: Verification | null;
}

/** Keys whose manifests and verdicts this host believes. */
export function trustedSigners(host: HostRuntime): Set<string> {
  return new Set([host.identity.signing.publicKey, ...host.config.trustedSigners]);
}

/** A set as it stands at one destination. Faults MANIFEST_MISSING, MANIFEST_INVALID, MANIFEST_FORGED, DESTINATION_*. */
export async function readSet(host: HostRuntime, destination: Destination, server: string, setId: string): Promise<StoredSet> {
  const trusted = trustedSigners(host);
  const { bytes, kind } = await findManifest(destination, server, setId);
  const signed = openManifest(bytes, setId, trusted);
  if (signed.manifest.kind !== kind) throw new Fault("MANIFEST_INVALID", { params: { set: setId, message: `it lies under ${kind}, and is of a ${signed.manifest.kind}` } });
  if (signed.manifest.server.name !== server) throw new Fault("MANIFEST_INVALID", { params: { set: setId, message: `it belongs to server ${signed.manifest.server.name}` } });
  const manifestSha256 = manifestDigest((JSON.parse(bytes.toString("utf8")) as SignedManifest).manifest);
  return { destination, signed, manifestSha256, verification: await readVerdict(destination, verificationKey(server, kind, setId), manifestSha256, trusted) };
}

/** Ids do not tell the kind; fulls are asked for more often. Fault MANIFEST_MISSING. */
async function findManifest(destination: Destination, server: string, setId: string): Promise<{ bytes: Buffer; kind: SetKind }> {
  let missing: unknown;
  for (const kind of SET_KINDS) {
    try {
      return { bytes: await readDocument(destination, manifestKey(server, kind, setId)), kind };
    } catch (error) {
      const fault = asFault(error);
      if (fault.code !== "DESTINATION_OBJECT_MISSING") throw fault;
      missing = error;
    }
  }
  throw new Fault("MANIFEST_MISSING", { params: { set: setId, destination: destination.id }, cause: missing });
}

/**
 * The first destination that gives a sound set, in the order given. A differential is sound where its full is as well: Fault DIFFERENTIAL_BASE_ABSENT. When none does: the fault, where all that
 * hold it have the same, else NO_SOUND_COPY. `copies`: is told of each destination before it that holds the set unsound or does not answer.
 */
export async function readSetAnywhere(host: HostRuntime, destinations: readonly Destination[], server: string, setId: string, copies?: AnyCopy): Promise<StoredSet> {
  const faults = new Map<string, Fault>();
  for (const destination of destinations) {
    try {
      const set = await readSet(host, destination, server, setId);
      await requireParent(set);
      for (const [id, fault] of faults) if (fault.code !== "MANIFEST_MISSING") copies?.gaveWay(id, fault);
      return set;
    } catch (error) {
      faults.set(destination.id, asFault(error));
      host.log.warn({ destination: destination.id, setId, fault: asFault(error).code }, "set not readable here");
    }
  }
  // A destination that does not hold it may never have done so: what the others say counts.
  const told = new Map([...faults].filter(([, { code }]) => code !== "MANIFEST_MISSING"));
  const last = [...(told.size > 0 ? told : faults).values()].at(-1) ?? new Fault("MANIFEST_MISSING", { params: { set: setId, destination: "—" } });
  throw [...told.values()].every(({ code }) => code === last.code) ? last : exhausted(setId, told);
}

/** Keys of all finished sets at a destination (those with a manifest), oldest first. */
export async function listSetKeys(destination: Destination, server?: string): Promise<SetKey[]> {
  const found: SetKey[] = [];
  for (const prefix of server ? SET_KINDS.map((kind) => `${server}/${kind}/`) : [""]) {
    for await (const object of destination.list(prefix)) {
      const key = parseSetKey(object.key);
      if (key?.role === "manifest") found.push(key);
    }
  }
  return found.sort((a, b) => (a.setId < b.setId ? -1 : 1));
}

async function readVerdict(destination: Destination, key: string, manifestSha256: string, trusted: ReadonlySet<string>): Promise<Verification | null> {
  try {
    return openVerification(await readDocument(destination, key), manifestSha256, trusted);
  } catch (error) {
    if (asFault(error).code === "DESTINATION_OBJECT_MISSING") return null;
    throw error;
  }
}

async function readDocument(destination: Destination, key: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of await destination.get(key)) {
    pieces.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > DOCUMENT_LIMIT) throw new Fault("COPY_CORRUPT", { params: { key, destination: destination.id, message: "far too large for a document" } });
  }
  return Buffer.concat(pieces);
}
