import { Fault } from "#lib/domain/fault/fault.ts";
import { isStorageKey, isStoragePrefix } from "#lib/domain/backup/storage-keys.ts";

/** Throws Fault DESTINATION_KEY_INVALID unless the key may be stored. */
export function requireKey(key: string): void {
  if (!isStorageKey(key)) throw new Fault("DESTINATION_KEY_INVALID", { params: { key: JSON.stringify(key.slice(0, 200)) } });
}

/** Throws Fault DESTINATION_KEY_INVALID unless the text can begin a key. */
export function requirePrefix(prefix: string): void {
  if (!isStoragePrefix(prefix)) throw new Fault("DESTINATION_KEY_INVALID", { params: { key: JSON.stringify(prefix.slice(0, 200)) } });
}
