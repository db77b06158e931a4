import type { SecretSource } from "#lib/contract/names.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { sealFor } from "#lib/platform/sealed-secret.ts";

/**
 * The secret to store: what was typed, sealed to the host; else what the form names (a file); else what stood there before.
 * Typed text exists only here, in memory.
 * @throws Fault INPUT_INVALID when there is none at all
 */
export async function sealTyped(field: string, boxKey: string, typed: string | undefined, named: SecretSource | undefined, stored: SecretSource | undefined): Promise<SecretSource> {
  if (typed) return { sealed: await sealFor(boxKey, typed) };
  const source = named ?? stored;
  if (!source) throw new Fault("INPUT_INVALID", { params: { fields: field }, detail: `${field}: type a secret or name a file on the host` });
  return source;
}
