import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Manifest } from "#lib/contract/manifest/manifest.ts";
import { partsOf } from "#lib/contract/manifest/parts.ts";
import type { Verification } from "#lib/contract/manifest/verification.ts";
import { newSigningKey } from "#lib/platform/signing.ts";
import { manifestDigest, openManifest, openVerification, signManifest, signVerification } from "./sign-document.ts";

const SET = "20261123T020000Z-4f9a1c";
const AT = "2026-11-23T02:00:00.000Z";
const worker = newSigningKey();
const stranger = newSigningKey();
const trusted = new Set([worker.publicKey]);

const manifest: Manifest = {
  format: "salvagente/1", kind: "full", method: "dump", id: SET, runId: SET, host: "db-1",
  server: { name: "db", flavor: "mysql", version: "9.7.0", uuid: "u", serverId: 1, hostname: "h", lowerCaseTableNames: 0, sqlMode: "", timeZone: "SYSTEM", characterSet: "utf8mb4", collation: "utf8mb4_0900_ai_ci", gtidMode: "ON" },
  policy: "all", parent: null, startedAt: AT, snapshotAt: AT, finishedAt: AT, coordinate: null, lockHeldMs: 1, compression: { codec: "zstd", level: 1 }, streams: 2, schemas: null, recipients: [], tools: [],
  artifacts: [{ name: "000-accounts.sql.zst.gpg", role: "accounts", plain: { bytes: 1, sha256: "0".repeat(64) }, sealed: { bytes: 2, sha256: "1".repeat(64), md5: "2".repeat(32) } }],
  inventory: { schemas: [], accounts: [] }, findings: [],
};
const verification: Verification = { format: "salvagente-verification/1", setId: SET, manifestSha256: manifestDigest(manifest), level: "proven", updatedAt: AT, copies: [], restoreTest: null };

/** The stored document with something changed, its signature left as it was. */
function altered(bytes: Buffer, change: (document: { manifest?: Record<string, unknown>; verification?: Record<string, unknown>; signature: { key: string; value: string } }) => void): Buffer {
  const document = JSON.parse(bytes.toString());
  change(document);
  return Buffer.from(JSON.stringify(document));
}

describe("a manifest", () => {
  const signed = signManifest(manifest, worker);

  it("opens as it was signed, whatever white space and order of keys", () => {
    expect(openManifest(signed, SET, trusted).manifest).toEqual(manifest);
    const { manifest: inner, signature } = JSON.parse(signed.toString());
    const reversed = Object.fromEntries(Object.entries(inner).reverse());
    expect(openManifest(Buffer.from(JSON.stringify({ signature, manifest: reversed }, null, 4)), SET, trusted).manifest).toEqual(manifest);
  });

  it("may hold fields of a newer version, and they are covered too", () => {
    const newer = signManifest({ ...manifest, newField: { b: 1, a: 2 } } as Manifest, worker);
    expect(openManifest(newer, SET, trusted).manifest.id).toBe(SET);
    expect(() => openManifest(altered(newer, ({ manifest: inner }) => Object.assign(inner ?? {}, { newField: 1 })), SET, trusted)).toThrow(expect.objectContaining({ code: "MANIFEST_INVALID" }));
  });

  it("names its full when it is of a differential, and only then; files of the full cannot lie elsewhere", () => {
    const [file] = manifest.artifacts;
    const parent = { setId: "20261122T020000Z-4f9a1c", manifestSha256: "3".repeat(64), compression: manifest.compression, recipients: [], artifacts: [{ ...(file as NonNullable<typeof file>), name: "200-data-00001-00001.sql.zst.gpg", schema: "shop", tables: ["t"] }], dropped: [] };
    const differential: Manifest = { ...manifest, kind: "differential", parent };
    expect(openManifest(signManifest(differential, worker), SET, trusted).manifest).toEqual(differential);
    expect(partsOf(differential).map(({ key, cut }) => [key, cut])).toEqual([
      [`db/differential/${SET}/000-accounts.sql.zst.gpg`, false],
      [`db/full/${parent.setId}/200-data-00001-00001.sql.zst.gpg`, true],
    ]);
    const [borrowed] = parent.artifacts;
    for (const wrong of [
      { ...differential, parent: null },
      { ...manifest, parent },
      { ...differential, parent: { ...parent, setId: "../elsewhere" } },
      { ...differential, parent: { ...parent, artifacts: [{ ...borrowed, name: "../../secret" }] } },
      { ...differential, parent: { ...parent, artifacts: [{ ...borrowed, tables: [] }] } },
    ] as Manifest[]) expect(() => openManifest(signManifest(wrong, worker), SET, trusted)).toThrow(expect.objectContaining({ code: "MANIFEST_INVALID" }));
  });

  it.each<[string, Parameters<typeof altered>[1], string]>([
    ["an artifact's digest changed", ({ manifest: inner }) => Object.assign((inner as unknown as Manifest).artifacts[0]?.sealed ?? {}, { sha256: "f".repeat(64) }), "MANIFEST_INVALID"],
    ["a field added", ({ manifest: inner }) => Object.assign(inner ?? {}, { extra: 1 }), "MANIFEST_INVALID"],
    ["an artifact left out", ({ manifest: inner }) => Object.assign(inner ?? {}, { artifacts: [] }), "MANIFEST_INVALID"],
    ["another signer's name on it", (document) => Object.assign(document.signature, { key: stranger.publicKey }), "MANIFEST_INVALID"],
    ["no signature", (document) => Object.assign(document.signature, { value: "" }), "MANIFEST_INVALID"],
    ["a key that is none", (document) => Object.assign(document.signature, { key: "%%" }), "MANIFEST_INVALID"],
  ])("is refused with %s", (_what, change, code) => {
    expect(() => openManifest(altered(signed, change), SET, trusted)).toThrow(expect.objectContaining({ code }));
  });

  it("is refused with any one value changed, left out or added, wherever it stands", () => {
    const { manifest: inner } = JSON.parse(signed.toString());
    for (const path of pathsOf(inner)) {
      for (const change of [flipped, () => undefined]) {
        const damaged = structuredClone(inner);
        const parent = path.slice(0, -1).reduce((at, key) => at[key], damaged);
        const last = path.at(-1) ?? "";
        const value = change(parent[last]);
        if (value !== undefined) parent[last] = value;
        else if (Array.isArray(parent)) parent.splice(Number(last), 1);
        else delete parent[last];
        expect(() => openManifest(withManifest(signed, damaged), SET, trusted), path.join(".")).toThrow(expect.objectContaining({ code: "MANIFEST_INVALID" }));
      }
    }
    expect(pathsOf(inner).length).toBeGreaterThan(40);
  });

  it("opens whatever the order of keys at every depth, and keeps fields it does not know under the signature", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()), fc.infiniteStream(fc.nat()), (unknown, order) => {
        const extra = JSON.parse(JSON.stringify(unknown));
        const bytes = signManifest({ ...manifest, zz: extra } as Manifest, worker);
        const shuffled = withManifest(bytes, reordered(JSON.parse(bytes.toString()).manifest, order));
        expect(openManifest(shuffled, SET, trusted).manifest.id).toBe(SET);
        const changed = JSON.parse(bytes.toString()).manifest;
        changed.zz = { ...changed.zz, "one more": 1 };
        expect(() => openManifest(withManifest(bytes, changed), SET, trusted)).toThrow(expect.objectContaining({ code: "MANIFEST_INVALID" }));
      }),
      { numRuns: 60 },
    );
  });

  it("any flipped bit of the signature or of the signer's key is refused", () => {
    fc.assert(
      fc.property(fc.constantFrom("key", "value"), fc.nat(63), fc.nat(7), (field, at, bit) => {
        const damaged = altered(signed, ({ signature }) => {
          const bytes = Buffer.from(signature[field as "key" | "value"], "base64");
          const index = at % bytes.length;
          bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
          signature[field as "key" | "value"] = bytes.toString("base64");
        });
        expect(() => openManifest(damaged, SET, trusted)).toThrow(expect.objectContaining({ code: expect.stringMatching(/^MANIFEST_(INVALID|FORGED)$/) }));
      }),
      { numRuns: 60 },
    );
  });

  it("made by a stranger is forged, however sound", () => {
    expect(() => openManifest(signManifest(manifest, stranger), SET, trusted)).toThrow(expect.objectContaining({ code: "MANIFEST_FORGED", params: { set: SET, signer: stranger.publicKey } }));
  });

  it("of another set, put into this folder, is refused", () => {
    expect(() => openManifest(signed, "20261124T020000Z-4f9a1c", trusted)).toThrow(expect.objectContaining({ code: "MANIFEST_INVALID" }));
  });

  it.each([["cut", signed.subarray(0, 100)], ["empty", Buffer.alloc(0)], ["null", Buffer.from("null")], ["a list", Buffer.from("[]")]])("%s is a fault, not a crash", (_what, bytes) => {
    expect(() => openManifest(bytes, SET, trusted)).toThrow(expect.objectContaining({ code: "MANIFEST_INVALID" }));
  });
});

describe("a verdict", () => {
  const digest = manifestDigest(manifest);
  const signed = signVerification(verification, worker);

  it("speaks of its own manifest only", () => {
    expect(openVerification(signed, digest, trusted)).toEqual(verification);
    expect(openVerification(signed, manifestDigest({ ...manifest, streams: 3 }), trusted)).toBeNull();
  });

  it("proves nothing when altered, forged or damaged", () => {
    const refused = signVerification({ ...verification, level: "refused" }, worker);
    expect(openVerification(altered(refused, ({ verification: inner }) => Object.assign(inner ?? {}, { level: "proven" })), digest, trusted)).toBeNull();
    expect(openVerification(signVerification(verification, stranger), digest, trusted)).toBeNull();
    for (const bytes of [signed.subarray(0, 80), Buffer.alloc(0), Buffer.from("null"), Buffer.from("{}")]) expect(openVerification(bytes, digest, trusted)).toBeNull();
  });
});

function withManifest(bytes: Buffer, inner: unknown): Buffer {
  return Buffer.from(JSON.stringify({ ...JSON.parse(bytes.toString()), manifest: inner }));
}

/** Where every value of a document stands, containers included, the document itself not. */
function pathsOf(value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [[key], ...pathsOf(child).map((path) => [key, ...path])]);
}

/** Another value of the same kind. */
function flipped(value: unknown): unknown {
  if (typeof value === "string") return value === "" ? "x" : value.slice(0, -1) + (value.endsWith("0") ? "1" : "0");
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  if (value === null) return "null";
  return Array.isArray(value) ? [...value, 0] : { ...value, more: 0 };
}

function reordered(value: unknown, order: Iterator<number>): unknown {
  if (Array.isArray(value)) return value.map((item) => reordered(item, order));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, child]) => ({ key, child: reordered(child, order), at: Number(order.next().value) }));
  return Object.fromEntries(entries.sort((a, b) => a.at - b.at).map(({ key, child }) => [key, child]));
}
