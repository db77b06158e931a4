import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type BoxKeyPair, newBoxKeyPair } from "#lib/platform/sealed-secret.ts";
import { Secret } from "#lib/platform/secret.ts";
import { newSigningKey, type SigningKey, signingKeyFromPem, signingKeyToPem } from "#lib/platform/signing.ts";
import { replaceFile } from "./replace-file.ts";

/** The worker's own keys: one signs events and manifests, the other opens secrets that were sealed to this host. */
export interface HostIdentity {
  readonly signing: SigningKey;
  readonly box: BoxKeyPair;
}

/** Reads the keys from the state folder (files 0600), or makes them on the first start. */
export async function loadIdentity(stateDir: string): Promise<HostIdentity> {
  const folder = join(stateDir, "identity");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const signing = await readOr(join(folder, "signing.pem"), () => signingKeyToPem(newSigningKey()));
  const box = await readOr(join(folder, "box.key"), async () => {
    const fresh = await newBoxKeyPair();
    return `${fresh.publicKey}\n${fresh.privateKey.reveal()}\n`;
  });
  const [publicKey = "", privateKey = ""] = box.split("\n");
  return { signing: signingKeyFromPem(signing), box: { publicKey, privateKey: new Secret(privateKey) } };
}

async function readOr(path: string, make: () => string | Promise<string>): Promise<string> {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const text = await make();
  replaceFile(path, text);
  return text;
}
