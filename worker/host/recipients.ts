import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { faultRecord } from "#lib/domain/fault/fault.ts";
import { openKeyring } from "#worker/keyring/keyring.ts";
import type { RunContext } from "./run-context.ts";
import { type HostRuntime, requireKey } from "./runtime.ts";
import { openSecret } from "./secrets.ts";

export interface Recipient {
  /** Armored public key file on this host. */
  readonly path: string;
  readonly fingerprint: string;
}

/** The keyring that opens backups on this host. */
export async function hostKeyring(host: HostRuntime): Promise<ReturnType<typeof openKeyring>> {
  const { home, passphraseFile } = host.config.keyring;
  return openKeyring(home, host.tools, passphraseFile ? await openSecret({ file: passphraseFile }, host.identity) : undefined);
}

/** Public keys that a policy seals to, each checked: Fault KEY_UNUSABLE when expired, revoked or not for encryption; a warning 30 days before it ends. */
export async function usableRecipients(context: Pick<RunContext, "clock" | "finding">, host: HostRuntime, names: readonly string[]): Promise<Recipient[]> {
  const keyring = await hostKeyring(host);
  const recipients: Recipient[] = [];
  for (const name of names) {
    const path = await recipientPath(host, name);
    const { key: found, warning } = await keyring.assertUsable(path, context.clock.now());
    if (warning) context.finding("warning", faultRecord(warning));
    recipients.push({ path, fingerprint: found.fingerprint });
  }
  return recipients;
}

/** File of a configured public key; one that stands in the settings as text is written into the state folder. Fault CONFIG_UNKNOWN_NAME. */
export async function recipientPath(host: HostRuntime, name: string): Promise<string> {
  const { key } = requireKey(host.settings, name);
  return "file" in key ? key.file : keyFile(host, key.armored);
}

/** Never a half of it: a program of another run may be reading it. */
function keyFile(host: HostRuntime, armored: string): string {
  const path = join(host.folders.state, `key-${createHash("sha256").update(armored).digest("hex").slice(0, 16)}.asc`);
  if (existsSync(path) && readFileSync(path, "utf8") === armored) return path;
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, armored, { mode: 0o600 });
  renameSync(draft, path);
  return path;
}
