// A whole product with a worker and a MySQL server of its own, for what a person orders and sees done.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";
import type { ConnectionOptions } from "mysql2/promise";

const ROOT = join(import.meta.dirname, "..");

export interface ProductScene {
  readonly url: string;
  readonly people: Readonly<Record<"dba" | "sysadmin" | "developer", { readonly email: string; readonly password: string }>>;
  /** Root of the server that is backed up. */
  readonly mysql: ConnectionOptions;
  /** Where its worker makes new servers. */
  readonly instancesDir: string;
  /** Its worker.yaml: what somebody on its host calls the command line with. */
  readonly workerConfig: string;
  stop(): Promise<void>;
}

/** Starts it. Throws when it ends before it is ready. */
export async function startProductScene(): Promise<ProductScene> {
  const child = spawn("setpriv", ["--pdeathsig", "TERM", "--", process.execPath, "--disable-warning=ExperimentalWarning", join(ROOT, "scripts/demo/scene.ts")], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const ready = await Promise.race([
    new Promise<string>((resolve) => createInterface({ input: child.stdout }).on("line", (line) => line.startsWith("{") && resolve(line))),
    ended.then((code) => Promise.reject(new Error(`the product ended with code ${code}:\n${said.slice(-4000)}`))),
  ]);
  return {
    ...(JSON.parse(ready) as Omit<ProductScene, "stop">),
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
