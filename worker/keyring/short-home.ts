import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readlinkSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "#lib/domain/fault/fault.ts";

/** sun_path of unix(7) takes 107 bytes; gpg-agent's longest socket name is `/S.gpg-agent.browser`. */
const LONGEST_HOME = 107 - "/S.gpg-agent.browser".length;
const SHORT_FOLDER = "/tmp";

/**
 * Makes the folder (mode 0700) and returns a path of it that is short enough for gpg-agent's sockets: itself, or else a symbolic link in /tmp.
 * The link's name follows from the path, so all processes share one agent; one that is not ours, or leads elsewhere, is refused.
 * Fault CONFIG_INVALID when the folder is open to others or no short path can be had.
 */
export function shortHome(homedir: string): string {
  mkdirSync(homedir, { recursive: true, mode: 0o700 });
  const { mode, uid } = statSync(homedir);
  if ((mode & 0o077) !== 0 || uid !== process.getuid?.()) throw refused(`keyring folder ${homedir} must belong to the worker's user and have mode 0700`);
  if (Buffer.byteLength(homedir) <= LONGEST_HOME) return homedir;
  const link = linkPath(homedir);
  try {
    symlinkSync(homedir, link);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw refused(`the path ${homedir} is too long for gpg-agent's sockets, and ${link} cannot be made`);
  }
  const found = lstatSync(link);
  if (!found.isSymbolicLink() || found.uid !== process.getuid?.() || readlinkSync(link) !== homedir) throw refused(`${link} is not the worker's own link to ${homedir}`);
  return link;
}

/** Removes the link, if there was need of one. */
export function forgetShortHome(homedir: string): void {
  if (Buffer.byteLength(homedir) > LONGEST_HOME) rmSync(linkPath(homedir), { force: true });
}

function linkPath(homedir: string): string {
  return join(SHORT_FOLDER, `sg-keyring-${createHash("sha256").update(homedir).digest("hex").slice(0, 16)}`);
}

function refused(message: string): Fault {
  return new Fault("CONFIG_INVALID", { params: { message, file: "worker.yaml (keyring)" } });
}
