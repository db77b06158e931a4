import type { Fault } from "#lib/domain/fault/fault.ts";
import type { RunAs } from "#worker/engines/sandbox/run-as.ts";
import { signalGroup } from "#worker/exec/launch.ts";
import { abortFault } from "#worker/exec/run.ts";
import { type SpawnOptions, spawnTool, type ToolEnd } from "#worker/exec/spawn-tool.ts";
import { isReason, toolFault } from "./tool-faults.ts";

export interface ToolJob {
  readonly program: string;
  /** Owns the files that it reads and writes. */
  readonly account: RunAs;
  /** Name of the server whose files they are. */
  readonly server: string;
  readonly signal: AbortSignal;
}

const KEPT_REASONS = 20;

/**
 * Runs `mariadb-backup` as the account, to its end. It does not listen to SIGTERM, and nothing of what it leaves is of use: on abort, or when `breach` settles, it is killed
 * outright, its locks go with its connection. Faults: that of `breach`, those of {@link toolFault}, CANCELLED.
 */
export async function runTool(job: ToolJob, argv: readonly string[], target: string, options: SpawnOptions, breach?: Promise<Fault>): Promise<void> {
  const { signal, account, program } = job;
  if (signal.aborted) throw abortFault(signal);
  // Without a change of account nothing else would end it when this process is killed.
  const prefix = account.prefix.length > 0 ? account.prefix : ["setpriv", "--pdeathsig", "KILL", "--"];
  const [file, ...before] = prefix;
  const reasons: string[] = [];
  const onStderrLine = (line: string): void => {
    options.onStderrLine?.(line);
    if (reasons.length < KEPT_REASONS && isReason(line)) reasons.push(line);
  };
  const child = spawnTool(file ?? program, [...before, program, ...argv], { ...options, stdout: "ignore", onStderrLine });
  const kill = (): void => {
    if (child.pid > 0) signalGroup(child.pid, "SIGKILL");
  };
  let fault: Fault | undefined;
  void breach?.then((why) => {
    fault = why;
    kill();
  });
  signal.addEventListener("abort", kill, { once: true });
  let end: ToolEnd;
  try {
    end = await child.done;
  } finally {
    signal.removeEventListener("abort", kill);
  }
  if (signal.aborted) throw abortFault(signal);
  if (fault) throw fault;
  if (end.code !== 0 || !/completed OK!\s*$/.test(end.stderrTail)) throw toolFault(end, reasons, target, job.server);
}
