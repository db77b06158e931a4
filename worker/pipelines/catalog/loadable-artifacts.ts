import { partsOf, type SetPart } from "#lib/contract/manifest/parts.ts";
import type { LoadableArtifact } from "#worker/engines/load/load-artifact.ts";
import type { StoredSet } from "./read-set.ts";
import { unseal } from "#worker/streams/unseal.ts";
import type { Keyring } from "#worker/keyring/keyring.ts";
import { hostKeyring } from "#worker/host/recipients.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { type Fetching, fetchedStream } from "./fetch-artifact.ts";

/**
 * The artifacts of a stored set, and of the full that a differential builds on; each opened when its turn comes: read from the destination, decrypted, decompressed, every digest checked.
 * `fetching`: each is brought here whole first, from whichever copy is sound; without it this very copy is read, and one that is damaged shows only while it is read.
 * Fault KEY_MISSING when this host's keyring can open none of the recipients' seals.
 */
export async function loadableArtifacts(host: HostRuntime, set: StoredSet, signal: AbortSignal, fetching?: Fetching): Promise<LoadableArtifact[]> {
  const keyring = await hostKeyring(host);
  const parts = partsOf(set.signed.manifest);
  await requireKeys(keyring, parts);
  return parts.map((part) => ({
    ...loadablePart(part),
    async open() {
      const { artifact } = part;
      const source = fetching ? await fetchedStream(fetching, part, signal) : await set.destination.get(part.key, { signal });
      const opened = unseal(source, {
        compression: part.codec,
        keyring: keyring.access(),
        tools: host.tools,
        signal,
        expected: { sealedSha256: artifact.sealed.sha256, plainSha256: artifact.plain.sha256, plainBytes: artifact.plain.bytes },
      });
      opened.done.catch(() => undefined);
      return opened.stream;
    },
  }));
}

/** What a loader needs to know of a part, besides how to open it. */
export function loadablePart({ artifact, cut }: SetPart): Omit<LoadableArtifact, "open"> {
  return {
    name: artifact.name,
    ...(artifact.schema !== undefined ? { schema: artifact.schema } : {}),
    ...(artifact.tables ? { tables: artifact.tables } : {}),
    ...(cut ? { only: new Set(artifact.tables) } : {}),
    bytes: artifact.plain.bytes,
  };
}

/** Fault KEY_MISSING when some part cannot be opened with the private keys of this host. */
export async function requireKeys(keyring: Keyring, parts: readonly SetPart[]): Promise<void> {
  const groups = new Map(parts.map(({ recipients }) => [recipients.join(", "), recipients]));
  for (const [text, recipients] of groups) {
    if ((await keyring.hasSecret([...recipients])).size === 0) throw new Fault("KEY_MISSING", { params: { recipients: text } });
  }
}
