// A console with seeded data and no worker, for what needs no database server: started once per run.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";

const ROOT = join(import.meta.dirname, "..");

/** Playwright's global set-up: gives back the tear-down. */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "sg-e2e-"));
  const child = spawn("setpriv", ["--pdeathsig", "TERM", "--", process.execPath, join(ROOT, "scripts/screens/console.ts"), "--built"], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the console for the tests ended with code ${code}`)));
  });
  ended.catch(() => undefined);
  const line = new Promise<string>((resolve) => createInterface({ input: child.stdout }).on("line", (text) => text.startsWith("{") && resolve(text)));
  const timer = setTimeout(() => child.kill("SIGTERM"), 240_000);
  const started = await Promise.race([line, ended]);
  clearTimeout(timer);
  const file = join(folder, "stack.json");
  writeFileSync(file, started, { mode: 0o600 });
  process.env.SALVAGENTE_E2E_STACK = file;
  return async () => {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
}
