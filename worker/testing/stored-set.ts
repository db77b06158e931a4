import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "#lib/contract/manifest/manifest.ts";
import type { Verification } from "#lib/contract/manifest/verification.ts";
import { manifestKey, setPrefix, verificationKey } from "#lib/domain/backup/storage-keys.ts";
import { signManifest } from "#worker/host/sign-document.ts";
import type { LiveHost } from "./live-host.ts";

const COPIES = ["one", "two"] as const;
type Copy = (typeof COPIES)[number];

/** The files of a set at both destinations of a live host, for tests that damage them. */
export interface StoredFiles {
  path(copy: Copy, name: string): string;
  manifest(copy?: Copy): Manifest;
  verification(copy?: Copy): Verification;
  /** Changes the manifest and signs it as this host would, at both copies. */
  resign(change: (manifest: Manifest) => void): void;
  /** Both copies as they were when this object was made. */
  putBack(): void;
}

export function storedFiles(live: LiveHost, setId: string): StoredFiles {
  const path = (copy: Copy, name: string): string => join(live.destination(copy), setPrefix("db", "full", setId), name);
  const aside = join(live.folder, `aside-${setId}`);
  for (const copy of COPIES) cpSync(path(copy, ""), join(aside, copy), { recursive: true });
  const read = (copy: Copy, key: string): unknown => JSON.parse(readFileSync(join(live.destination(copy), key), "utf8"));
  const manifest = (copy: Copy = "one"): Manifest => (read(copy, manifestKey("db", "full", setId)) as { manifest: Manifest }).manifest;
  return {
    path,
    manifest,
    verification: (copy = "one") => (read(copy, verificationKey("db", "full", setId)) as { verification: Verification }).verification,
    resign(change) {
      const changed = manifest();
      change(changed);
      for (const copy of COPIES) writeFileSync(path(copy, "manifest.json"), signManifest(changed, live.host.identity.signing));
    },
    putBack() {
      for (const copy of COPIES) {
        rmSync(path(copy, ""), { recursive: true, force: true });
        cpSync(join(aside, copy), path(copy, ""), { recursive: true });
      }
    },
  };
}
