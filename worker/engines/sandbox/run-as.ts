import { readFileSync } from "node:fs";
import { run } from "#worker/exec/run.ts";

/** Under which account the isolated server runs, and the argv that goes before its program. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
  /** Ends with `--`; empty where the worker's own account is used. */
  readonly prefix: readonly string[];
  readonly root: boolean;
}

/**
 * An unprivileged account when the worker is root: the configured one, else `mysql`, else `nobody`; its own otherwise.
 * An account counts only if it can run the program and enter the folder; if none can, root stays (`root: true`, to be logged).
 * Changing the account clears the parent-death signal (prctl(2)), so the prefix sets it again.
 */
export async function chooseAccount(program: string, folder: string, configured?: string): Promise<RunAs> {
  const own = { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 };
  if (own.uid !== 0) return { ...own, prefix: [], root: false };
  for (const name of configured ? [configured] : ["mysql", "nobody"]) {
    const account = lookUp(name);
    if (!account || account.uid === 0) continue;
    const prefix = prefixFor(account);
    if (await canUse(prefix, program, folder)) return { ...account, prefix, root: false };
  }
  return { uid: 0, gid: 0, prefix: [], root: true };
}

/** The account that owns a server's files, to act in its place; null where this process may not: it is neither root nor that account. */
export function actAs(owner: { readonly uid: number; readonly gid: number }): RunAs | null {
  // What the kernel asks for.
  const own = process.geteuid?.() ?? -1;
  if (owner.uid === own) return { uid: owner.uid, gid: owner.gid, prefix: [], root: own === 0 };
  return own === 0 ? { uid: owner.uid, gid: owner.gid, prefix: prefixFor(owner), root: false } : null;
}

/** May the account pass into the folder? */
export async function canEnter({ prefix }: RunAs, folder: string): Promise<boolean> {
  const [tool, ...rest] = [...prefix, "test", "-x", folder];
  return (await run(tool ?? "test", rest, { timeoutMs: 10_000 })).code === 0;
}

function prefixFor({ uid, gid }: { readonly uid: number; readonly gid: number }): string[] {
  return ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--no-new-privs", "--pdeathsig", "KILL", "--"];
}

async function canUse(prefix: readonly string[], program: string, folder: string): Promise<boolean> {
  const [tool, ...rest] = prefix;
  if (tool === undefined) return false;
  try {
    const enter = await run(tool, [...rest, "test", "-x", folder], { timeoutMs: 10_000 });
    const start = await run(tool, [...rest, program, "--no-defaults", "--version"], { timeoutMs: 20_000 });
    return enter.code === 0 && start.code === 0;
  } catch {
    return false;
  }
}

function lookUp(name: string): { uid: number; gid: number } | null {
  const line = readFileSync("/etc/passwd", "utf8").split("\n").find((candidate) => candidate.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return uid === undefined || gid === undefined ? null : { uid: Number(uid), gid: Number(gid) };
}
