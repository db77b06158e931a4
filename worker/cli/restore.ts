import type { Command } from "commander";
import { z } from "zod";
import { type RestorePlan, type Road, restorePlan, restoreRequest } from "#lib/contract/recovery/restore.ts";
import type { ReplayBoundary } from "#lib/contract/recovery/instant.ts";
import { isPhysical } from "#lib/domain/backup/methods.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { planRestore, RESTORE_STAGES, type RestoreResult, runRestore } from "#worker/pipelines/restore/index.ts";
import { resolveInstant } from "#worker/pipelines/restore/instant/resolve-instant.ts";
import { type InstantOptions, printBoundary, wantedFrom, withInstantOptions } from "./instant.ts";
import { readPlanFile, tellPlan } from "./plan-file.ts";
import { renamesFrom } from "./renames.ts";
import { type Lang, reported, visible } from "./report.ts";
import { conclude, optionsOf, runHere, withHost } from "./session.ts";

interface PlanOptions extends InstantOptions {
  readonly schema?: string[];
  readonly table?: string[];
  readonly to?: string;
  readonly as?: string[];
  readonly inPlace?: boolean;
  readonly newInstance?: string;
  readonly port?: string;
  readonly replace?: string;
  readonly leaveOutReferencing?: boolean;
  readonly accounts: boolean;
  readonly destination?: string;
  readonly output?: string;
  readonly ownChecks: boolean;
}

/** `salvagente plan SERVER SET …` writes a plan; `salvagente restore PLAN` runs it. */
export function addRestore(program: Command): void {
  withInstantOptions(program.command("plan"))
    .description("dry run of a restore: what, where, how long, what is replaced; nothing is changed")
    .argument("<server>", "server whose backup it is")
    .argument("[set]", "set id; with an instant, the one with the fastest road when not given")
    .option("-s, --schema <name...>", "only these schemas")
    .option("-t, --table <name...>", "only these tables of the one schema given")
    .option("--to <server>", "target server (default: the source)")
    .option("--as <old=new...>", "new schema names: restore beside; with a backslash before each = that belongs to a name")
    .option("--in-place", "replace what is there, after a safety copy", false)
    .option("--new-instance <name>", "physical set: make a new server of this name on this host")
    .option("--port <number>", "with --new-instance: the port that it answers at")
    .option("--replace <server>", "physical set: exchange the data directory of this stopped server, which worker.yaml names, and keep the old one beside it")
    .option("--leave-out-referencing", "with --as: leave out what cannot stand under the new name, and what needs it", false)
    .option("--no-accounts", "whole server: without accounts")
    .option("--no-own-checks", "do not run the own checks of the server whose backup it is; else one that fails withholds a new server, or one that is filled anew, and takes a restore in place back")
    .option("-d, --destination <name>", "read this destination's copy")
    .option("-o, --output <file>", "write the plan to a file for `salvagente restore`")
    .action(async (server: string, setId: string | undefined, _flags, command: Command) => {
      const options = optionsOf<PlanOptions>(command);
      const wanted = wantedFrom(options);
      if (!wanted && setId === undefined) throw new Fault("INPUT_INVALID", { params: { fields: "set: its id, or an instant (--time, --gtid, --before, --position)" } });
      await withHost(options, async (host) => {
        const at = wanted ? await resolveInstant(host, { server, wanted, skip: options.skip ?? [], setId, destination: options.destination, into: options.newInstance === undefined && options.replace === undefined ? "server" : "instance" }, new AbortController().signal) : null;
        const result = await planRestore(host, requestFrom(server, at?.setId ?? setId ?? "", options, at?.boundary));
        tellPlan(result, options, printPlan);
      });
    });
  program
    .command("restore")
    .description("run a plan, once")
    .argument("<plan>", "file written by `salvagente plan --output`")
    .option("--confirm <name>", "in place, and with --replace: the name that the plan asks for")
    .action(async (file: string, _flags, command: Command) => {
      const options = optionsOf<{ confirm?: string }>(command);
      const plan = readPlanFile(file, restorePlan);
      await withHost(options, async (host) => {
        const start = { kind: "restore", trigger: "cli", server: plan.request.server, setId: plan.request.setId, stages: RESTORE_STAGES } as const;
        const end = await runHere(host, options, start, (context) => runRestore(context, host, plan, options.confirm));
        if (end.value && !options.json) printResult(end.value);
        conclude(end, options, end.value ? { restore: end.value } : {});
      });
    });
}

function requestFrom(server: string, setId: string, options: PlanOptions, boundary?: ReplayBoundary): z.infer<typeof restoreRequest> {
  if ([options.as, options.inPlace, options.newInstance, options.replace].filter(Boolean).length > 1) throw new Fault("INPUT_INVALID", { params: { fields: "--as, --in-place, --new-instance, --replace: one of them" } });
  const names = renamesFrom(options.as ?? []);
  const target = options.to ?? server;
  const [schema] = options.schema ?? [];
  const parsed = restoreRequest.safeParse({
    server,
    setId,
    scope: options.table ? { kind: "tables", schema, tables: options.table } : options.schema ? { kind: "schemas", schemas: options.schema } : { kind: "server", accounts: options.accounts },
    target: targetFrom(options, target, names),
    ...(options.destination ? { destination: options.destination } : {}),
    ...(boundary ? { boundary } : {}),
    ...(options.ownChecks ? {} : { ownChecks: false }),
  });
  if (!parsed.success) throw new Fault("INPUT_INVALID", { params: { fields: z.prettifyError(parsed.error) } });
  return parsed.data;
}

function targetFrom(options: PlanOptions, server: string, names: Readonly<Record<string, string>>): object {
  if (options.newInstance !== undefined) return { kind: "instance", server: options.newInstance, port: Number(options.port) };
  if (options.replace !== undefined) return { kind: "replace", server: options.replace };
  if (options.as) return { kind: "beside", server, names, leaveOutReferencing: options.leaveOutReferencing };
  return { kind: options.inPlace ? "in-place" : "server", server };
}

/** One road of a plan, for people. */
function roadText({ setId, method, into, level, replayFiles, replayBytes, seconds }: Road): string {
  const replay = replayFiles > 0 ? `, replay ${(replayBytes / 1e6).toFixed(1)} MB in ${replayFiles} files` : "";
  return `about ${Math.ceil(seconds)} s: ${isPhysical({ method }) ? "data files" : "SQL"} of ${setId} (${level})${replay}${into === "instance" ? ", by a server on these files (--new-instance, --replace)" : ""}`;
}

function printResult({ created, kept, safetySet, instance, replaced }: RestoreResult): void {
  if (replaced) process.stdout.write(`${replaced.folder} is the new data directory of ${replaced.server}; the one before is ${replaced.kept}\nto start the server: ${replaced.start.join(" && ")}\nto go back, with it stopped: salvagente replacement undo ${replaced.runId} --confirm ${replaced.server}\n`);
  if (instance) process.stdout.write(`new server ${instance.name} in ${instance.folder}, port ${instance.port}, socket ${instance.socket}\nto start and keep it: systemctl enable --now ${instance.unit}\n`);
  for (const name of created) process.stdout.write(`created ${visible(name)}\n`);
  if (safetySet) process.stdout.write(`safety copy ${safetySet}\n`);
  for (const name of kept) process.stdout.write(`what was there before: ${visible(name)}\n`);
}

function printPlan(plan: RestorePlan, lang: Lang, file = "<plan>"): void {
  process.stdout.write(`plan ${plan.hash.slice(0, 4)}-${plan.hash.slice(4, 8)}  valid until ${plan.expiresAt}\n`);
  process.stdout.write(`${plan.tables} tables, ${plan.rows} rows, ${(plan.sealedBytes / 1e6).toFixed(1)} MB from ${plan.source.destination}; snapshot ${plan.snapshotAt} (${plan.level})\n`);
  if (plan.request.boundary) printBoundary(plan.request.boundary);
  for (const [index, step] of plan.steps.entries()) {
    process.stdout.write(`${index + 1}. ${step.id}  ${Math.round(step.eta[0])}–${Math.round(step.eta[1])} s\n`);
    for (const [sign, list] of [["+", step.creates], ["~", step.replaces], ["-", step.deletes], ["$", step.commands]] as const) for (const item of list) process.stdout.write(`   ${sign} ${visible(item)}\n`);
  }
  if ((plan.roads?.length ?? 0) > 1) for (const road of plan.roads ?? []) process.stdout.write(`${road.chosen ? "=>" : "  "} ${roadText(road)}\n`);
  for (const warning of plan.warnings) process.stdout.write(`! ${visible(reported(warning, lang).what)}\n`);
  if (plan.typedName) process.stdout.write(`to confirm: salvagente restore ${file} --confirm '${visible(plan.typedName.replaceAll("'", "'\\''"))}'\n`);
}
