import { createHash } from "node:crypto";
import type { SegmentIndex } from "#lib/contract/archive/segment.ts";
import { canonicalJson } from "#lib/contract/manifest/canonical.ts";
import { type Manifest, type SignedManifest, signedManifest } from "#lib/contract/manifest/manifest.ts";
import { type SignedVerification, signedVerification, type Verification } from "#lib/contract/manifest/verification.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { type SigningKey, signText, verifyText } from "#lib/platform/signing.ts";

/** SHA-256 of the canonical JSON of a manifest: what verdicts and plans name. */
export function manifestDigest(manifest: Manifest): string {
  return createHash("sha256").update(canonicalJson(manifest)).digest("hex");
}

export function signManifest(manifest: Manifest, key: SigningKey): Buffer {
  const value = signText(key, canonicalJson(manifest));
  return document({ manifest, signature: { algorithm: "ed25519", key: key.publicKey, value } });
}

export function signVerification(verification: Verification, key: SigningKey): Buffer {
  const value = signText(key, canonicalJson(verification));
  return document({ verification, signature: { algorithm: "ed25519", key: key.publicKey, value } });
}

export function signSegment(segment: SegmentIndex, key: SigningKey): Buffer {
  const value = signText(key, canonicalJson(segment));
  return document({ segment, signature: { algorithm: "ed25519", key: key.publicKey, value } });
}

/** Reads a manifest and checks its signature against the trusted keys. Faults MANIFEST_INVALID, MANIFEST_FORGED. */
export function openManifest(bytes: Buffer, setId: string, trusted: ReadonlySet<string>): SignedManifest {
  const parsed = signedManifest.safeParse(parseJson(bytes));
  if (!parsed.success) throw new Fault("MANIFEST_INVALID", { params: { set: setId, message: parsed.error.issues[0]?.message ?? "not readable" } });
  const { manifest, signature } = parsed.data;
  // The signed text is the stored document itself, unknown fields included: parsing must not change what was signed.
  const stored = (parseJson(bytes) as { manifest: unknown }).manifest;
  if (!verifyText(signature.key, canonicalJson(stored), signature.value)) throw new Fault("MANIFEST_INVALID", { params: { set: setId, message: "the signature does not fit the content" } });
  if (!trusted.has(signature.key)) throw new Fault("MANIFEST_FORGED", { params: { set: setId, signer: signature.key } });
  if (manifest.id !== setId) throw new Fault("MANIFEST_INVALID", { params: { set: setId, message: `it is the manifest of ${manifest.id}` } });
  return parsed.data;
}

/** Reads a verdict; null when it is no sound verdict of a trusted worker about this manifest: then nothing is proven. */
export function openVerification(bytes: Buffer, manifestSha256: string, trusted: ReadonlySet<string>): Verification | null {
  const raw = parseJson(bytes);
  const parsed = signedVerification.safeParse(raw);
  if (!parsed.success) return null;
  const { verification, signature }: SignedVerification = parsed.data;
  const sound = trusted.has(signature.key) && verifyText(signature.key, canonicalJson((raw as { verification: unknown }).verification), signature.value);
  return sound && verification.manifestSha256 === manifestSha256 ? verification : null;
}

function document(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}
