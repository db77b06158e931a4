import { existsSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Fault } from "#lib/domain/fault/fault.ts";
import { Secret } from "#lib/platform/secret.ts";
import { type RunOptions, type RunResult, run } from "#worker/exec/run.ts";
import { outcomeText } from "#worker/exec/spawn-tool.ts";
import type { KeyringAccess } from "#worker/ports/keyring-access.ts";
import type { Tools } from "#worker/ports/tools.ts";
import { openableFingerprints, parsePublicKey, type PublicKey, whyUnusable } from "./public-key.ts";
import { forgetShortHome, shortHome } from "./short-home.ts";

const DAY_MS = 86_400_000;
/** A key that expires sooner is worth a warning. */
const EXPIRY_WARNING_DAYS = 30;
const TIMEOUT_MS = 120_000;

/** Passphrases are never kept by the agent: each opening brings its own. */
const AGENT_SETTINGS = "default-cache-ttl 0\nmax-cache-ttl 0\nallow-loopback-pinentry\n";

/** Ciphers and digests that every OpenPGP program knows; without it gpg 2.4 would mark keys for its own OCB mode, which others cannot open. */
const PREFERENCES = "AES256 AES192 AES SHA512 SHA384 SHA256 ZLIB Uncompressed";

export interface Keyring {
  /** For unseal. Call it anew for each use: it restores the short path where one is needed. */
  access(): KeyringAccess;
  /** Makes an Ed25519 key with a Curve25519 encryption key; `expires` null: never. Gives its fingerprint. */
  generateKey(uid: string, expires: Date | null): Promise<string>;
  /** Armored public key. */
  exportPublic(fingerprint: string): Promise<string>;
  /** Armored private key, still under its passphrase: for the owner's safe. */
  exportPrivate(fingerprint: string): Promise<Secret>;
  /** Takes a public or private key; gives the fingerprints that it holds. */
  importKey(armored: string | Secret): Promise<string[]>;
  inspectPublicKey(path: string, now: number): Promise<PublicKey>;
  /** Those of the fingerprints whose artifacts can be opened here. */
  hasSecret(fingerprints: readonly string[]): Promise<Set<string>>;
  /** Throws Fault KEY_UNUSABLE; gives the key, and a Fault KEY_EXPIRING as warning when it ends within 30 days. */
  assertUsable(path: string, now: number): Promise<{ key: PublicKey; warning: Fault | null }>;
  /** Ends gpg-agent, which gpg starts by itself and leaves behind. Call it when the worker or a command ends. */
  stopAgent(): Promise<void>;
}

/**
 * The keyring of this host: gpg over a folder of its own, never the user's ~/.gnupg. Faults of every method: TOOL_MISSING, TOOL_FAILED,
 * CONFIG_INVALID (folder open to others, path that cannot be used).
 */
export function openKeyring(homedir: string, tools: Pick<Tools, "gpg" | "gpgconf">, passphrase?: Secret): Keyring {
  const home = (): string => {
    const short = shortHome(homedir);
    const settings = join(homedir, "gpg-agent.conf");
    if (!existsSync(settings)) writeFileSync(settings, AGENT_SETTINGS, { mode: 0o600 });
    return short;
  };
  const gpg = (args: readonly string[], options: RunOptions = {}): Promise<RunResult> =>
    run(tools.gpg, ["--no-options", "--batch", "--no-tty", "--homedir", home(), "--disable-dirmngr", "--trust-model", "always", "--status-fd", "2", ...args], { timeoutMs: TIMEOUT_MS, ...options });
  /** Where gpg must know the passphrase: the configured one on descriptor 3, or the empty one. */
  const unlocking = passphrase
    ? { args: ["--pinentry-mode", "loopback", "--passphrase-fd", "3"], options: { extraFds: { 3: passphrase } } }
    : { args: ["--pinentry-mode", "loopback", "--passphrase", ""], options: {} };

  const inspectPublicKey = async (path: string, now: number): Promise<PublicKey> => {
    const shown = await gpg(["--with-colons", "--fixed-list-mode", "--show-keys", "--", path]);
    if (shown.code !== 0) throw new Fault("KEY_UNUSABLE", { params: { fingerprint: basename(path), message: "the file cannot be read as an OpenPGP key" }, detail: shown.stderr });
    return parsePublicKey(shown.stdout, now, basename(path));
  };

  return {
    access: () => ({ homedir: home(), ...(passphrase ? { passphrase } : {}) }),
    generateKey: async (uid, expires) => {
      const until = expires ? expires.toISOString().slice(0, 19).replace(/[-:]/g, "") : "never";
      const made = succeeded(await gpg([...unlocking.args, "--default-preference-list", PREFERENCES, "--quick-generate-key", "--", uid, "ed25519", "cert,sign", until], unlocking.options));
      const fingerprint = /^\[GNUPG:\] KEY_CREATED \w ([0-9A-F]{40})/m.exec(made.stderr)?.[1];
      if (!fingerprint) throw new Fault("TOOL_FAILED", { params: { tool: "gpg", outcome: "no key" }, detail: made.stderr });
      succeeded(await gpg([...unlocking.args, "--quick-add-key", "--", fingerprint, "cv25519", "encr", until], unlocking.options));
      return fingerprint;
    },
    exportPublic: async (fingerprint) => armored(await gpg(["--armor", "--export", "--", hex(fingerprint)]), fingerprint),
    exportPrivate: async (fingerprint) =>
      new Secret(armored(await gpg([...unlocking.args, "--armor", "--export-secret-keys", "--", hex(fingerprint)], unlocking.options), fingerprint)),
    importKey: async (text) => {
      const imported = await gpg([...unlocking.args, "--import"], { ...unlocking.options, stdin: text });
      const found = new Set([...imported.stderr.matchAll(/^\[GNUPG:\] IMPORT_OK \d+ ([0-9A-F]{40})/gm)].map((match) => match[1] ?? ""));
      if (imported.code !== 0 || found.size === 0) throw new Fault("KEY_UNUSABLE", { params: { fingerprint: "(import)", message: "gpg did not take it" }, detail: imported.stderr });
      return [...found];
    },
    inspectPublicKey,
    hasSecret: async (fingerprints) => {
      const here = openableFingerprints(succeeded(await gpg(["--with-colons", "--fixed-list-mode", "--list-secret-keys"])).stdout);
      return new Set(fingerprints.filter((fingerprint) => here.has(hex(fingerprint))));
    },
    assertUsable: async (path, now) => {
      const key = await inspectPublicKey(path, now);
      const message = whyUnusable(key);
      if (message) throw new Fault("KEY_UNUSABLE", { params: { fingerprint: key.fingerprint, message } });
      const soon = key.expiresAt !== null && Date.parse(key.expiresAt) - now < EXPIRY_WARNING_DAYS * DAY_MS;
      const warning = soon ? new Fault("KEY_EXPIRING", { params: { fingerprint: key.fingerprint, date: key.expiresAt?.slice(0, 10) ?? "" } }) : null;
      return { key, warning };
    },
    stopAgent: async () => {
      if (!existsSync(homedir)) return;
      await run(tools.gpgconf, ["--homedir", home(), "--kill", "gpg-agent"], { timeoutMs: TIMEOUT_MS });
      // The agent says yes and ends a moment later; its socket goes last.
      for (let tries = 0; tries < 40 && existsSync(join(home(), "S.gpg-agent")); tries++) await new Promise((resolve) => setTimeout(resolve, 50));
      forgetShortHome(homedir);
    },
  };
}

/** Upper case without spaces, as gpg prints it; RangeError for what is no fingerprint, so that nothing else is ever searched by. */
function hex(fingerprint: string): string {
  const plain = fingerprint.replace(/\s/g, "").toUpperCase();
  if (!/^[0-9A-F]{40}$/.test(plain)) throw new RangeError(`not a fingerprint: ${JSON.stringify(fingerprint)}`);
  return plain;
}

function succeeded(result: RunResult): RunResult {
  if (result.code !== 0) throw new Fault("TOOL_FAILED", { params: { tool: "gpg", outcome: outcomeText(result) }, detail: result.stderr });
  return result;
}

function armored(result: RunResult, fingerprint: string): string {
  const text = succeeded(result).stdout;
  if (!text.includes("-----END PGP")) throw new Fault("TOOL_FAILED", { params: { tool: "gpg", outcome: `no key ${fingerprint}` }, detail: result.stderr });
  return text;
}
