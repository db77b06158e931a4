import { execFileSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** May this process mount a file system of a size of its own? Root may, outside most containers. Tried, not guessed. */
export function canMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  const trial = mkdtempSync(join(tmpdir(), "sg-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", trial], { stdio: "ignore" });
    execFileSync("umount", [trial]);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(trial);
  }
}
