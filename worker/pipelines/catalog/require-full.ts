import type { Artifact, Manifest } from "#lib/contract/manifest/manifest.ts";
import { artifactKey, setPrefix } from "#lib/domain/backup/storage-keys.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Destination } from "#worker/ports/destination.ts";

/** Are the files of a full that a differential reads there, with their sizes? Bytes are not read. Nothing for other sets. Fault DIFFERENTIAL_BASE_ABSENT. */
export async function requireParent({ destination, signed }: { readonly destination: Destination; readonly signed: { readonly manifest: Manifest } }): Promise<void> {
  const { parent, server } = signed.manifest;
  if (parent) await requireFull(destination, { server: server.name, setId: parent.setId, artifacts: parent.artifacts });
}

/** The same for a full and some of its files. */
export async function requireFull(destination: Destination, full: { readonly server: string; readonly setId: string; readonly artifacts: readonly Artifact[] }): Promise<void> {
  const sizes = new Map<string, number>();
  for await (const { key, bytes } of destination.list(setPrefix(full.server, "full", full.setId))) sizes.set(key, bytes);
  const missing = full.artifacts.filter(({ name, sealed }) => sizes.get(artifactKey(full.server, "full", full.setId, name)) !== sealed.bytes).map(({ name }) => name);
  if (missing.length === 0) return;
  const named = missing.length === full.artifacts.length && sizes.size === 0 ? "nothing of it is there" : `${missing.slice(0, 5).join(", ")}${missing.length > 5 ? `, … (+${missing.length - 5})` : ""}`;
  throw new Fault("DIFFERENTIAL_BASE_ABSENT", { params: { destination: destination.id, set: full.setId, missing: named } });
}
