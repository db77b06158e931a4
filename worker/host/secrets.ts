import { readFile } from "node:fs/promises";
import type { SecretSource } from "#lib/contract/names.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { openSealed } from "#lib/platform/sealed-secret.ts";
import { Secret } from "#lib/platform/secret.ts";
import type { HostIdentity } from "./identity.ts";

/** Opens a secret: from a file of this host (one trailing newline left out), or sealed to this host's key. Fault CONFIG_INVALID. */
export async function openSecret(source: SecretSource, identity: HostIdentity): Promise<Secret> {
  if ("sealed" in source) return openSealed(identity.box, source.sealed);
  try {
    return new Secret((await readFile(source.file, "utf8")).replace(/\r?\n$/, ""));
  } catch (cause) {
    throw new Fault("CONFIG_INVALID", { params: { file: source.file, message: "the secret cannot be read" }, cause });
  }
}
