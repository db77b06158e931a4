import { artifactKey, type SetKind } from "#lib/domain/backup/storage-keys.ts";
import type { Artifact, Manifest } from "./manifest.ts";

/** A file that a restore of a set reads: of the set itself, or of the full that a differential builds on. */
export interface SetPart {
  /** Of the full's files: `tables` are those whose rows belong to the set. */
  readonly artifact: Artifact;
  /** The set in whose folder it lies. */
  readonly kind: SetKind;
  readonly setId: string;
  /** The same at every destination. */
  readonly key: string;
  readonly codec: Manifest["compression"]["codec"];
  /** Keys that open it, fingerprints. */
  readonly recipients: readonly string[];
  /** True: the file holds other tables too, whose rows are not of this set. */
  readonly cut: boolean;
}

/** All files that a set consists of, in loading order. No two have the same name. */
export function partsOf(manifest: Manifest): SetPart[] {
  const { kind, id, parent, server } = manifest;
  const own = manifest.artifacts.map((artifact): SetPart => ({ artifact, kind, setId: id, key: artifactKey(server.name, kind, id, artifact.name), codec: manifest.compression.codec, recipients: manifest.recipients, cut: false }));
  const borrowed = (parent?.artifacts ?? []).map((artifact): SetPart => ({ artifact, kind: "full", setId: parent?.setId ?? "", key: artifactKey(server.name, "full", parent?.setId ?? "", artifact.name), codec: parent?.compression.codec ?? "zstd", recipients: parent?.recipients ?? [], cut: artifact.role !== "files" }));
  return [...own, ...borrowed].sort((one, other) => (one.artifact.name < other.artifact.name ? -1 : 1));
}
