import type { Secret } from "#lib/platform/secret.ts";

/** Where private keys are found, for whoever must open something. */
export interface KeyringAccess {
  /** A folder of gpg (`--homedir`), mode 0700; its path fits a socket name, see worker/keyring. */
  readonly homedir: string;
  /** For keys that are protected; given to gpg on a descriptor. */
  readonly passphrase?: Secret | undefined;
}
