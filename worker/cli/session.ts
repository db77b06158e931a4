import type { Command } from "commander";
import type { RunEvent } from "#lib/contract/events.ts";
import { runId } from "#lib/contract/names.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { newId } from "#lib/platform/ids.ts";
import { createLog } from "#lib/platform/log.ts";
import { composeHost } from "#worker/compose.ts";
import { ActiveRuns } from "#worker/host/active-runs.ts";
import { RunJournal } from "#worker/host/journal.ts";
import { hostKeyring } from "#worker/host/recipients.ts";
import { conductRun, type RunContext, type RunEnd, type RunStart } from "#worker/host/run-context.ts";
import { isAnyOwnerAlive, markOwner } from "#worker/host/run-owner.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { tidyAfterDeadRuns } from "#worker/host/tidy.ts";
import { exitCodeOf, faultLines, type Lang, printJson, reported, visible } from "./report.ts";

export interface CliOptions {
  readonly config: string;
  readonly json: boolean;
  readonly lang: Lang;
}

/** Options of a command together with the global ones. */
export function optionsOf<T extends object>(command: Command): CliOptions & T {
  return command.optsWithGlobals<CliOptions & T>();
}

/** A set's id as it was typed. Fault INPUT_INVALID for what is none: nothing is asked of a destination under such a name. */
export function setIdOf(typed: string): string {
  if (runId.safeParse(typed).success) return typed;
  throw new Fault("INPUT_INVALID", { params: { fields: `set ${JSON.stringify(typed)}: its id as salvagente list tells it, such as 20261126T020000Z-4f9a1c` } });
}

/** A host for one command. The key agent that gpg leaves behind is ended afterwards, unless a run of another process may be using it. */
export async function withHost<T>(options: CliOptions, work: (host: HostRuntime) => Promise<T>): Promise<T> {
  const host = await composeHost(options.config, createLog({ name: "cli", level: process.env.LOG_LEVEL ?? "error" }));
  try {
    return await work(host);
  } finally {
    if (!isAnyOwnerAlive(host.folders.journals)) await (await hostKeyring(host)).stopAgent();
  }
}

/** Runs a pipeline with journal, progress on standard error and Ctrl-C as cancel. */
export async function runHere<T>(host: HostRuntime, options: CliOptions, start: RunStart, pipeline: (context: RunContext) => Promise<T>): Promise<RunEnd<T> & { runId: string }> {
  await clearDeadRuns(host);
  const stop = new AbortController();
  const cancel = (): void => stop.abort(new Error("cancelled"));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, cancel);
  const id = newId(host.clock.now());
  const release = markOwner(host.folders.journals, id);
  const journal = new RunJournal({ folder: host.folders.journals, host: host.config.host, runId: id, clock: host.clock, listeners: [(event) => tell(event, options.lang)] });
  // How it ended is told from its journal; the log would say it once more, as a line of JSON with a stack.
  const log = host.log.child({}, { level: process.env.LOG_LEVEL ?? "fatal" });
  try {
    return { runId: id, ...(await conductRun({ journal, clock: host.clock, log, signal: stop.signal }, start, pipeline)) };
  } finally {
    journal.close();
    release();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.removeListener(signal, cancel);
  }
}

/** Without a worker on this host nobody else does it: what died with its process is closed as interrupted and cleared away. */
async function clearDeadRuns(host: HostRuntime): Promise<void> {
  const runs = new ActiveRuns(host, () => undefined).markLost();
  const left = await tidyAfterDeadRuns(host.folders, host.clock.now());
  if (runs.length + left.length > 0) host.log.warn({ runs, left }, "runs that died with their process: closed and cleared away");
}

/** Prints how a run ended and sets the exit code. */
export function conclude(end: RunEnd<unknown> & { runId: string }, options: CliOptions, result: Record<string, unknown>): void {
  const ok = end.outcome === "completed" || end.outcome === "warning";
  if (options.json) printJson({ ok, runId: end.runId, outcome: end.outcome, seconds: end.seconds, ...(end.fault ? { fault: reported(end.fault, options.lang) } : {}), ...result });
  if (!ok) process.exitCode = exitCodeOf(end.outcome === "cancelled" ? "CANCELLED" : (end.fault?.code ?? ""));
}

/** An event of a run as lines on standard error. */
export function tell(event: RunEvent, lang: Lang, out: NodeJS.WritableStream = process.stderr): void {
  const say = (text: string): void => void out.write(`${event.at.slice(11, 19)} ${visible(text)}\n`);
  const { body } = event;
  if (body.type === "stage-started") say(`▶ ${body.stage}`);
  else if (body.type === "stage-finished") say(`${body.ok ? "✔" : "✖"} ${body.stage} ${body.seconds} s`);
  else if (body.type === "log" && body.level !== "debug") say(`  ${body.text}`);
  else if (body.type === "progress") say(`  ${body.progress.stage}: ${(body.progress.bytesDone / 1e6).toFixed(0)} MB ${body.progress.item ?? ""}`);
  else if (body.type === "finding") say(`  ${body.severity}: ${reported(body.fault, lang).what}`);
  else if (body.type === "run-finished") {
    say(`${body.outcome} after ${body.seconds} s`);
    if (body.fault) out.write(faultLines(reported(body.fault, lang), "         "));
  }
}
