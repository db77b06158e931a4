import { artifactKey } from "#lib/domain/backup/storage-keys.ts";
import type { LoadableArtifact } from "#worker/engines/load/load-artifact.ts";
import type { StoredSet } from "./read-set.ts";
import { unseal } from "#worker/streams/unseal.ts";
import { hostKeyring } from "#worker/host/recipients.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { Fault } from "#lib/domain/fault/fault.ts";

/**
 * The artifacts of a stored set, each opened when its turn comes: read from the destination, decrypted, decompressed, every digest checked.
 * Fault KEY_MISSING when this host's keyring can open none of the recipients' seals.
 */
export async function loadableArtifacts(host: HostRuntime, set: StoredSet, signal: AbortSignal): Promise<LoadableArtifact[]> {
  const { manifest } = set.signed;
  const keyring = await hostKeyring(host);
  if ((await keyring.hasSecret(manifest.recipients)).size === 0) throw new Fault("KEY_MISSING", { params: { recipients: manifest.recipients.join(", ") } });
  return manifest.artifacts.map((artifact) => ({
    name: artifact.name,
    ...(artifact.schema !== undefined ? { schema: artifact.schema } : {}),
    ...(artifact.tables ? { tables: artifact.tables } : {}),
    bytes: artifact.plain.bytes,
    async open() {
      const source = await set.destination.get(artifactKey(manifest.server.name, "full", manifest.id, artifact.name), { signal });
      const opened = unseal(source, {
        compression: manifest.compression.codec,
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
