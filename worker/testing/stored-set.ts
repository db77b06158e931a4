import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "#lib/contract/manifest/manifest.ts";
import type { Verification } from "#lib/contract/manifest/verification.ts";
import { manifestKey, type SetKind, setPrefix, verificationKey } from "#lib/domain/backup/storage-keys.ts";
import { manifestDigest, signManifest, signVerification } from "#worker/host/sign-document.ts";
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
  /** Signs the verdict «proven» about the manifests as they are now, at both copies: for tests of what comes after a proof. */
  prove(): void;
  /** Both copies as they were when this object was made. */
  putBack(): void;
}

/** Turns one bit in the middle of a file; done again, turns it back. */
export function flipMiddle(path: string): void {
  const bytes = readFileSync(path);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

export function storedFiles(live: LiveHost, setId: string, kind: SetKind = "full"): StoredFiles {
  const path = (copy: Copy, name: string): string => join(live.destination(copy), setPrefix("db", kind, setId), name);
  const aside = join(live.folder, `aside-${setId}`);
  for (const copy of COPIES) cpSync(path(copy, ""), join(aside, copy), { recursive: true });
  const read = (copy: Copy, key: string): unknown => JSON.parse(readFileSync(join(live.destination(copy), key), "utf8"));
  const manifest = (copy: Copy = "one"): Manifest => (read(copy, manifestKey("db", kind, setId)) as { manifest: Manifest }).manifest;
  const verification = (copy: Copy = "one"): Verification => (read(copy, verificationKey("db", kind, setId)) as { verification: Verification }).verification;
  return {
    path,
    manifest,
    verification,
    prove() {
      for (const copy of COPIES) writeFileSync(path(copy, "verification.json"), signVerification({ ...verification(copy), manifestSha256: manifestDigest(manifest(copy)), level: "proven" }, live.host.identity.signing));
    },
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
