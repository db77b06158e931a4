import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** What one run of a program with all its children cost. */
export interface Cost {
  readonly seconds: number;
  /** User and system seconds of the program and every descendant that it waited for. */
  readonly cpuSeconds: number;
  /** User and system seconds that the database server(s) spent meanwhile. */
  readonly serverCpuSeconds: number;
  /** Highest resident size of the program itself (VmHWM), bytes, sampled every 50 ms. */
  readonly peakBytes: number;
  /** Highest sum of resident sizes over program and descendants at one moment, bytes. */
  readonly peakTreeBytes: number;
  /** Standard output. */
  readonly output: string;
}

export interface Program {
  readonly argv: readonly string[];
  readonly env?: Record<string, string>;
  /** Processes whose CPU is counted as the server's. */
  readonly servers: readonly number[];
  readonly patienceSeconds: number;
}

const TICKS_PER_SECOND = 100;

/**
 * Runs a program and measures it, once nothing is left to be written of what ran before: who comes after a program that leaves a gigabyte to the kernel would wait for its disk. bash's `time` gives the CPU of all descendants that were waited for.
 * Throws with the end of stderr if the program does not end with 0 in time.
 */
export async function measure(program: Program): Promise<Cost> {
  spawnSync("sync");
  const serverBefore = sum(program.servers.map((pid) => cpuOf(pid)));
  const began = performance.now();
  const child = spawn("bash", ["-c", 'TIMEFORMAT="bench-cpu %3U %3S"; time "$@"', "bench", ...program.argv], {
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "/", LANG: "C.UTF-8", ...program.env } as unknown as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => { output += chunk.toString("utf8"); });
  child.stderr.on("data", (chunk: Buffer) => { errors = (errors + chunk.toString("utf8")).slice(-20_000); });
  const peaks = { own: 0, tree: 0 };
  const sampler = setInterval(() => sample(child.pid ?? 0, peaks), 50);
  const timer = setTimeout(() => child.pid && process.kill(-child.pid, "SIGKILL"), program.patienceSeconds * 1000);
  const code = await new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status, signal) => resolve(status ?? signal ?? "unknown"));
  });
  clearInterval(sampler);
  clearTimeout(timer);
  const seconds = (performance.now() - began) / 1000;
  if (code !== 0) throw new Error(`${program.argv.slice(0, 4).join(" ")} … ended with ${code}\n${errors.slice(-3000)}${output.slice(-1000)}`);
  const cpu = /bench-cpu ([\d.]+) ([\d.]+)/.exec(errors);
  return { seconds, cpuSeconds: Number(cpu?.[1]) + Number(cpu?.[2]), serverCpuSeconds: sum(program.servers.map((pid) => cpuOf(pid))) - serverBefore, peakBytes: peaks.own, peakTreeBytes: peaks.tree, output };
}

/** `shell` is bash around the program: the program is its first child, or bash's own replacement. */
function sample(shell: number, peaks: { own: number; tree: number }): void {
  const parents = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(/^PPid:\s+(\d+)/m.exec(status(Number(name)))?.[1]);
    parents.set(parent, [...(parents.get(parent) ?? []), Number(name)]);
  }
  const [own] = parents.get(shell) ?? [];
  if (own === undefined) return;
  peaks.own = Math.max(peaks.own, kilobytes(status(own), "VmHWM") * 1024);
  let tree = 0;
  for (const queue = [own]; queue.length > 0; ) {
    const pid = queue.pop() ?? 0;
    tree += kilobytes(status(pid), "VmRSS") * 1024;
    queue.push(...(parents.get(pid) ?? []));
  }
  peaks.tree = Math.max(peaks.tree, tree);
}

/** Empty when the process is gone. */
function status(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}

function kilobytes(text: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
}

/** User and system seconds of one process so far (fields 14 and 15 of /proc/PID/stat); `withEnded`: and of the children that it waited for (16 and 17). */
export function cpuOf(pid: number, withEnded = false): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return sum(fields.slice(11, withEnded ? 15 : 13).map(Number)) / TICKS_PER_SECOND;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
