import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Replaces a small file of the state folder durably, 0600: after a crash at any moment the old or the new text stands there, whole. */
export function replaceFile(path: string, text: string): void {
  const draft = `${path}.partial`;
  rmSync(draft, { force: true });
  writeFileSync(draft, text, { mode: 0o600, flag: "wx", flush: true });
  renameSync(draft, path);
  syncFolder(dirname(path));
}

/** A name is safe when the folder that holds it is. */
export function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** A map that was kept as a JSON object; empty when there is none that can be read. */
export function readNumbers(path: string): Map<string, number> {
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(path, "utf8")) as Record<string, number>));
  } catch {
    return new Map();
  }
}
