import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { newPassword } from "#scripts/services/place.ts";

export const CHECKOUT = resolve(import.meta.dirname, "../..");

/** Passwords of the demo, made once and kept 0600 beside its data. */
export interface DemoSecrets {
  readonly postgres: string;
  readonly redis: string;
  readonly mysqlRoot: string;
  readonly mysqlBackup: string;
  readonly dba: string;
  readonly sysadmin: string;
  readonly developer: string;
}

/**
 * Folder of the demo's data: `.salvagente/demo` in the checkout; when root starts it in a place that other users cannot pass
 * (database servers do not run as root), a folder of this checkout's own under /var/tmp.
 */
export function demoFolder(): string {
  const inside = join(CHECKOUT, ".salvagente/demo");
  const folder = process.getuid?.() === 0 && !passable(CHECKOUT) ? `/var/tmp/salvagente-demo-${createHash("sha256").update(CHECKOUT).digest("hex").slice(0, 12)}` : inside;
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o711);
  return folder;
}

export function demoSecrets(folder: string): DemoSecrets {
  const path = join(folder, "secrets.json");
  try {
    return JSON.parse(readFileSync(path, "utf8")) as DemoSecrets;
  } catch {
    const names = ["postgres", "redis", "mysqlRoot", "mysqlBackup", "dba", "sysadmin", "developer"] as const;
    const secrets = Object.fromEntries(names.map((name) => [name, newPassword()])) as unknown as DemoSecrets;
    writeFileSync(path, JSON.stringify(secrets, null, 2), { mode: 0o600 });
    return secrets;
  }
}

function passable(path: string): boolean {
  const open = (statSync(path).mode & 0o001) !== 0;
  return open && (dirname(path) === path || passable(dirname(path)));
}
