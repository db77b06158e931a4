import { Fault } from "#lib/domain/fault/fault.ts";

/** What a public key says of itself, at the instant it was looked at. */
export interface PublicKey {
  /** 40 hex digits, upper case: of the primary key. */
  readonly fingerprint: string;
  readonly uids: readonly string[];
  /** ISO-8601 UTC. */
  readonly createdAt: string;
  /** When nothing can be sealed to it any more (primary key or its last encryption key, the earlier); null: never. ISO-8601 UTC. */
  readonly expiresAt: string | null;
  /** Has it an encryption key that is neither revoked nor expired? */
  readonly canEncrypt: boolean;
  readonly revoked: boolean;
  readonly expired: boolean;
}

interface KeyRow {
  readonly validity: string;
  /** Seconds since the epoch. */
  readonly created: number;
  /** Seconds since the epoch; Infinity: never. */
  readonly expires: number;
  readonly encrypts: boolean;
}

/**
 * Reads `gpg --show-keys --with-colons` (doc/DETAILS in GnuPG, "Format of the colon listings").
 * Fault KEY_UNUSABLE when the text does not hold exactly one key, or holds a private one.
 */
export function parsePublicKey(listing: string, now: number, source: string): PublicKey {
  const rows = listing.split("\n").map((line) => line.split(":"));
  const refuse = (message: string): Fault => new Fault("KEY_UNUSABLE", { params: { fingerprint: source, message } });
  if (rows.some(([kind]) => kind === "sec" || kind === "ssb")) throw refuse("the file holds a private key; give the public one");
  const primaries = rows.filter(([kind]) => kind === "pub");
  if (primaries.length !== 1) throw refuse(primaries.length === 0 ? "the file holds no public key" : `the file holds ${primaries.length} keys instead of one`);

  const primary = keyRow(primaries[0] ?? []);
  const fingerprint = rows.find(([kind]) => kind === "fpr")?.[9] ?? "";
  const seconds = now / 1000;
  const encryptors = [primary, ...rows.filter(([kind]) => kind === "sub").map(keyRow)].filter((row) => row.encrypts && !"rin".includes(row.validity || "-"));
  const expires = Math.min(primary.expires, encryptors.length > 0 ? Math.max(...encryptors.map((row) => row.expires)) : Infinity);
  const revoked = primary.validity === "r";
  const expired = expires <= seconds;
  return {
    fingerprint,
    uids: rows.filter(([kind, validity]) => kind === "uid" && validity !== "r").map((row) => unescaped(row[9] ?? "")),
    createdAt: new Date(primary.created * 1000).toISOString(),
    expiresAt: expires === Infinity ? null : new Date(expires * 1000).toISOString(),
    canEncrypt: encryptors.length > 0 && !revoked && !expired,
    revoked,
    expired,
  };
}

/** Why nothing may be sealed to the key, or null. */
export function whyUnusable(key: PublicKey): string | null {
  if (key.revoked) return "it is revoked";
  if (key.expired) return `it expired on ${key.expiresAt?.slice(0, 10)}`;
  return key.canEncrypt ? null : "it has no part that encrypts";
}

/** Private keys from `gpg --list-secret-keys --with-colons`: primary fingerprints whose encryption part is really here (no stub, no card that is gone). */
export function openableFingerprints(listing: string): Set<string> {
  const openable = new Set<string>();
  let current = { fingerprint: "", opens: false };
  const keep = (): void => {
    if (current.opens && current.fingerprint) openable.add(current.fingerprint);
  };
  for (const row of listing.split("\n").map((line) => line.split(":"))) {
    const opens = (row[11] ?? "").includes("e") && row[14] !== "#";
    if (row[0] === "sec") {
      keep();
      current = { fingerprint: "", opens };
    } else if (row[0] === "fpr" && !current.fingerprint) current.fingerprint = row[9] ?? "";
    else if (row[0] === "ssb" && opens) current.opens = true;
  }
  keep();
  return openable;
}

function keyRow(row: readonly string[]): KeyRow {
  const capabilities = row[11] ?? "";
  return { validity: row[1] ?? "", created: Number(row[5]), expires: row[6] ? Number(row[6]) : Infinity, encrypts: capabilities.includes("e") };
}

/** Colon listings write `:` and control bytes as `\x3a`. */
function unescaped(text: string): string {
  return text.replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
