import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ConsoleEnvironment, readConsoleEnvironment } from "#lib/platform/env.ts";

let kept: string | undefined;

/** Secret of the session cookies: NEXTAUTH_SECRET, else one made once in the state folder (0600). */
export function loadSessionSecret(env: ConsoleEnvironment = readConsoleEnvironment()): string {
  kept ??= env.NEXTAUTH_SECRET?.reveal() ?? fromStateFolder(env.SALVAGENTE_STATE_DIR);
  return kept;
}

function fromStateFolder(folder: string): string {
  const path = join(folder, "session-secret");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Written beside, then linked: of two processes that start together the first wins and both read the same.
  const draft = `${path}.${process.pid}.${Date.now()}`;
  writeFileSync(draft, randomBytes(48).toString("base64"), { mode: 0o600, flag: "wx" });
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(path, "utf8");
}
