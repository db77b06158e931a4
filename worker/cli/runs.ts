import { readdirSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Command } from "commander";
import { runId as runIdShape } from "#lib/contract/names.ts";
import type { RunEvent } from "#lib/contract/events.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { journalPath, readJournal } from "#worker/host/journal.ts";
import { isOwnerAlive } from "#worker/host/run-owner.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { printJson } from "./report.ts";
import { optionsOf, tell, withHost } from "./session.ts";

const POLL_MS = 500;

/** `salvagente runs`, `salvagente show-run ID`: the journals of this host. */
export function addRuns(program: Command): void {
  program
    .command("runs")
    .description("runs of this host, newest first, from its own journals")
    .option("-n, --number <count>", "at most this many", "30")
    .action(async (_flags, command: Command) => {
      const options = optionsOf<{ number: string }>(command);
      const most = Number(options.number);
      if (!Number.isSafeInteger(most) || most < 1) throw new Fault("INPUT_INVALID", { params: { fields: `--number ${options.number}` } });
      await withHost(options, async (host) => {
        const runs = runIds(host).slice(0, most).map((id) => summary(host, id));
        if (options.json) printJson({ ok: true, runs });
        else for (const run of runs) process.stdout.write(`${run.runId}  ${run.kind.padEnd(11)}  ${run.outcome.padEnd(11)}  ${run.seconds === null ? "" : `${run.seconds} s`}  ${run.server ?? ""}  ${run.fault ?? ""}\n`);
      });
    });
  program
    .command("show-run")
    .description("what happened in a run, from its journal")
    .argument("<run>", "run id")
    .option("-f, --follow", "stay until the run ends", false)
    .action(async (runId: string, _flags, command: Command) => {
      const options = optionsOf<{ follow: boolean }>(command);
      await withHost(options, async (host) => {
        if (!runIdShape.safeParse(runId).success || events(host, runId).length === 0) throw new Fault("NOT_FOUND", { params: { kind: "run", id: runId } });
        let told = 0;
        for (;;) {
          const alive = isOwnerAlive(host.folders.journals, runId);
          const seen = events(host, runId);
          if (!options.json) for (const event of seen.slice(told)) tell(event, options.lang, process.stdout);
          told = seen.length;
          if (!options.follow || !alive || seen.at(-1)?.body.type === "run-finished") break;
          await pause(POLL_MS);
        }
        if (options.json) printJson({ ok: true, run: summary(host, runId), events: events(host, runId) });
      });
    });
}

function events(host: HostRuntime, runId: string): RunEvent[] {
  return readJournal(journalPath(host.folders.journals, runId));
}

function runIds(host: HostRuntime): string[] {
  return readdirSync(host.folders.journals)
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => name.slice(0, -".jsonl".length))
    .sort()
    .reverse();
}

interface RunSummary {
  readonly runId: string;
  readonly kind: string;
  readonly server: string | null;
  readonly startedAt: string | null;
  /** `running` while its process lives, `interrupted` when that is gone without an end. */
  readonly outcome: string;
  readonly seconds: number | null;
  readonly fault: string | null;
}

function summary(host: HostRuntime, runId: string): RunSummary {
  const all = events(host, runId);
  const started = all.find((event) => event.body.type === "run-started");
  const finished = all.findLast((event) => event.body.type === "run-finished")?.body;
  const begun = started?.body.type === "run-started" ? started.body : null;
  const end = finished?.type === "run-finished" ? finished : null;
  return {
    runId,
    kind: begun?.kind ?? "unknown",
    server: begun?.server ?? null,
    startedAt: started?.at ?? null,
    outcome: end?.outcome ?? (isOwnerAlive(host.folders.journals, runId) ? "running" : "interrupted"),
    seconds: end?.seconds ?? null,
    fault: end?.fault?.code ?? null,
  };
}
