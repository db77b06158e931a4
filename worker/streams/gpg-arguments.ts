/**
 * Arguments of gpg for sealing to public keys, taken from files and from nowhere else: no keyring of the host,
 * no search by name, no network. AES-256 with integrity protection; no compression of its own, which would be slow
 * (36 MB/s) on bytes that are compressed already. Status lines come on standard error.
 */
export function sealArguments(homedir: string, recipientFiles: readonly string[]): string[] {
  return [
    ...common(homedir),
    "--no-auto-key-locate",
    ...recipientFiles.flatMap((path) => ["--recipient-file", path]),
    "--cipher-algo", "AES256",
    "--compress-algo", "none",
    "--encrypt",
  ];
}

/** Arguments for opening. With a passphrase on descriptor 3, or else never a question to anybody. */
export function openArguments(homedir: string, passphraseOnFd3: boolean): string[] {
  const asking = passphraseOnFd3 ? ["--pinentry-mode", "loopback", "--passphrase-fd", "3"] : ["--pinentry-mode", "error"];
  return [...common(homedir), ...asking, "--decrypt"];
}

function common(homedir: string): string[] {
  return ["--no-options", "--batch", "--no-tty", "--homedir", homedir, "--disable-dirmngr", "--trust-model", "always", "--status-fd", "2"];
}

/** What gpg's status lines said (doc/DETAILS in GnuPG). */
export interface GpgStatus {
  /** Keywords seen, such as DECRYPTION_OKAY, GOODMDC, NO_SECKEY, INV_RECP. */
  readonly seen: ReadonlySet<string>;
  /** Long key ids (16 hex) for which no private key was found. */
  readonly missingKeys: readonly string[];
  /** Recipient files that gpg refused: expired, revoked, unreadable, without an encryption key. */
  readonly refusedRecipients: readonly string[];
  /** Takes one line of standard error; other lines are left alone. */
  read(line: string): void;
}

export function gpgStatus(): GpgStatus {
  const seen = new Set<string>();
  const missingKeys: string[] = [];
  const refusedRecipients: string[] = [];
  return {
    seen,
    missingKeys,
    refusedRecipients,
    read: (line) => {
      const [mark, keyword, first, ...rest] = line.split(" ");
      if (mark !== "[GNUPG:]" || !keyword) return;
      seen.add(keyword);
      if (keyword === "NO_SECKEY" && first) missingKeys.push(first);
      if (keyword === "INV_RECP") refusedRecipients.push(rest.join(" "));
    },
  };
}

/** The last thing gpg said to people, for messages. */
export function gpgMessage(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line && !line.startsWith("[GNUPG:]"));
  return (lines.at(-1) ?? "no message").replace(/^gpg: /, "");
}
