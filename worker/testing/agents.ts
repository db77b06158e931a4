import { readdirSync, readFileSync } from "node:fs";

/** Command lines of the gpg agents that are alive and work in the folder. */
export function agentsOf(path: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      } catch {
        return "";
      }
    })
    .filter((line) => line.startsWith("gpg-agent") && line.includes(path));
}
