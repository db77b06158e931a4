import { readdirSync, readFileSync } from "node:fs";

/** Living children of a process by the name of their program, for tests that kill or stop them. */
export function childrenOf(parent: number, name?: string): number[] {
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    const stat = readStat(entry);
    const [state, owner] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const program = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    return Number(owner) === parent && state !== "Z" && (name === undefined || program === name) ? [Number(entry)] : [];
  });
}

/** Waits until the condition holds; an error with the text when it does not within the time. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, milliseconds = 10_000): Promise<void> {
  for (const deadline = Date.now() + milliseconds; !(await condition()); ) {
    if (Date.now() > deadline) throw new Error(`not within ${milliseconds} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

function readStat(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return "";
  }
}
