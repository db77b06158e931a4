import { randomBytes } from "node:crypto";
import { closeSync, constants, fchownSync, openSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "#lib/platform/secret.ts";

/** O_TMPFILE of open(2) on Linux (includes O_DIRECTORY); Node does not name it. */
const O_TMPFILE = 0o20200000;

/**
 * Opens a nameless file that holds the text, read position at its start, and returns its descriptor; the caller closes it.
 *
 * Why a file: Node's "pipe" stdio is a socket pair, and a child that opens `/dev/fd/3` gets ENXIO on a socket. A nameless
 * file can be opened again and read from the descriptor alike. It has mode 0600, lies in memory (/dev/shm) where the host has that,
 * has no path that anybody could open, and is gone with its last descriptor, a kill included. `owner`: who may open it again, when that is not this process' account.
 */
export function openSecretFile(content: string | Secret, owner?: { readonly uid: number; readonly gid: number }): number {
  const text = content instanceof Secret ? content.reveal() : content;
  const fd = openNameless(["/dev/shm", tmpdir()]);
  try {
    const bytes = Buffer.from(text, "utf8");
    // Positioned writes leave the file offset at 0, which the child shares (gpg --passphrase-fd reads from there).
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at);
    bytes.fill(0);
    if (owner) fchownSync(fd, owner.uid, owner.gid);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function openNameless(folders: readonly string[]): number {
  let last: unknown;
  for (const folder of folders) {
    try {
      return openSync(folder, constants.O_RDWR | O_TMPFILE, 0o600);
    } catch {
      try {
        const path = join(folder, `.salvagente-${randomBytes(12).toString("hex")}`);
        const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
        unlinkSync(path);
        return fd;
      } catch (error) {
        last = error;
      }
    }
  }
  throw last;
}
