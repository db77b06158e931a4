import { describe, expect, it } from "vitest";
import { openableFingerprints, parsePublicKey, whyUnusable } from "./public-key.ts";

const NOW = Date.parse("2026-11-23T00:00:00Z");
const at = (iso: string): number => Date.parse(iso) / 1000;
const FPR = "79B85CAA12C15E0CE284B7D4B9342D87B83E57B5";

function listing(primary: { validity?: string; expires?: string; caps?: string }, ...subs: { validity?: string; expires?: string; caps?: string }[]): string {
  const row = (kind: string, { validity = "-", expires, caps = "" }: { validity?: string; expires?: string; caps?: string }): string =>
    `${kind}:${validity}:255:22:B9342D87B83E57B5:${at("2026-01-01")}:${expires ? at(expires) : ""}::u:::${caps}:::::ed25519:::0:`;
  return [
    row("pub", { caps: "scESC", ...primary }), `fpr:::::::::${FPR}:`, "uid:-::::1::X::Ops\\x3a key::::::::::0:", "uid:r::::1::X::old::::::::::0:",
    ...subs.flatMap((sub) => [row("sub", { caps: "e", ...sub }), "fpr:::::::::C6ED72FCDBC88398132E51404137B9F340D4CD38:"]),
  ].join("\n");
}

describe("parsePublicKey", () => {
  const cases: [string, string, object, string | null][] = [
    ["no expiry", listing({}, {}), { canEncrypt: true, expiresAt: null }, null],
    ["the primary ends first", listing({ expires: "2027-01-01" }, { expires: "2028-01-01" }), { expiresAt: "2027-01-01T00:00:00.000Z" }, null],
    ["the last encryption key counts", listing({}, { expires: "2026-12-01" }, { expires: "2027-05-01" }), { expiresAt: "2027-05-01T00:00:00.000Z" }, null],
    ["revoked", listing({ validity: "r" }, { validity: "r" }), { revoked: true, canEncrypt: false }, "it is revoked"],
    ["expired at our clock, whatever gpg says", listing({ expires: "2026-11-22" }, {}), { expired: true, canEncrypt: false }, "it expired on 2026-11-22"],
    ["its encryption key expired", listing({}, { expires: "2026-11-01" }), { expired: true, canEncrypt: false }, "it expired on 2026-11-01"],
    ["its encryption key is revoked", listing({}, { validity: "r" }), { expired: false, canEncrypt: false }, "it has no part that encrypts"],
    ["only signs", listing({}, { caps: "s" }), { canEncrypt: false }, "it has no part that encrypts"],
  ];
  it.each(cases)("%s", (_, text, fields, why) => {
    const key = parsePublicKey(text, NOW, "file.asc");
    expect(key).toMatchObject({ fingerprint: FPR, uids: ["Ops: key"], createdAt: "2026-01-01T00:00:00.000Z", ...fields });
    expect(whyUnusable(key)).toBe(why);
  });

  it("wants exactly one key", () => {
    expect(() => parsePublicKey("", NOW, "f")).toThrow("no public key");
    expect(() => parsePublicKey(`${listing({})}\n${listing({})}`, NOW, "f")).toThrow("2 keys");
  });
});

describe("openableFingerprints", () => {
  it("needs the private encryption part itself, not a stub", () => {
    const key = (fingerprint: string, subState: string): string =>
      `sec:u:255:22:A:1:::u:::scESC:::+:::23::0:\nfpr:::::::::${fingerprint}:\nssb:u:255:18:B:1::::::e:::${subState}::cv25519::\nfpr:::::::::SUB:`;
    expect(openableFingerprints([key("A", "+"), key("B", "#"), key("C", "+")].join("\n"))).toEqual(new Set(["A", "C"]));
  });
});
