import { Fault } from "#lib/domain/fault/fault.ts";
import { Secret } from "./secret.ts";

/** An X25519 key pair of a worker. `publicKey` raw, base64. */
export interface BoxKeyPair {
  readonly publicKey: string;
  /** Raw private key, base64. */
  readonly privateKey: Secret;
}

export async function newBoxKeyPair(): Promise<BoxKeyPair> {
  const sodium = await loadSodium();
  const pair = sodium.crypto_box_keypair();
  return { publicKey: toBase64(pair.publicKey), privateKey: new Secret(toBase64(pair.privateKey)) };
}

/**
 * Seals text so that only the holder of the private key can read it (libsodium sealed box, anonymous sender); base64.
 * The sealer itself cannot open it again.
 * @throws Fault INPUT_INVALID when the key is no X25519 key
 */
export async function sealFor(boxPublicKey: string, text: string): Promise<string> {
  const sodium = await loadSodium();
  const key = Buffer.from(boxPublicKey, "base64");
  if (key.length !== sodium.crypto_box_PUBLICKEYBYTES) throw new Fault("INPUT_INVALID", { params: { fields: "boxKey" } });
  return toBase64(sodium.crypto_box_seal(Buffer.from(text, "utf8"), key));
}

/**
 * Opens what was sealed to this pair.
 * @throws Fault SECRET_UNREADABLE when it was sealed to another key or changed
 */
export async function openSealed(pair: BoxKeyPair, sealed: string): Promise<Secret> {
  const sodium = await loadSodium();
  try {
    const open = sodium.crypto_box_seal_open(Buffer.from(sealed, "base64"), Buffer.from(pair.publicKey, "base64"), Buffer.from(pair.privateKey.reveal(), "base64"));
    return new Secret(Buffer.from(open).toString("utf8"));
  } catch (cause) {
    throw new Fault("SECRET_UNREADABLE", { params: { what: "sealed secret" }, cause });
  }
}

/** Compiling it takes 0.1 s of processor time, which a process that seals and opens nothing need not pay. */
async function loadSodium(): Promise<typeof import("libsodium-wrappers").default> {
  const { default: sodium } = await import("libsodium-wrappers");
  await sodium.ready;
  return sodium;
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
