import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";

export interface DemoChild {
  readonly name: string;
  /** Resolves when the process has ended, whoever ended it. */
  readonly ended: Promise<string>;
  /** SIGTERM, SIGKILL after 20 s. */
  stop(): Promise<void>;
}

/**
 * Starts one of our own processes under this Node; it is told to end when the demo dies, even by SIGKILL. Output goes to `logFile`;
 * `onLine` sees standard output as well.
 */
export function startChild(options: { name: string; args: string[]; env: Record<string, string>; logFile: string; cwd?: string; onLine?: (line: string) => void }): DemoChild {
  const log = createWriteStream(options.logFile, { flags: "a", mode: 0o600 });
  const child: ChildProcess = spawn("setpriv", ["--pdeathsig", "TERM", "--", process.execPath, ...options.args], {
    ...(options.cwd ? { cwd: options.cwd } : {}),
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "/", LANG: "C.UTF-8", TZ: "UTC", NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: at Ctrl-C the servers would be gone before what waits for their last answers.
    detached: true,
  });
  let rest = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    log.write(chunk);
    const lines = (rest + chunk.toString("utf8")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) options.onLine?.(line);
  });
  child.stderr?.on("data", (chunk: Buffer) => void log.write(chunk));
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  return {
    name: options.name,
    ended,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
      await ended;
      clearTimeout(timer);
    },
  };
}
