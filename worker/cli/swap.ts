import type { Command } from "commander";
import { z } from "zod";
import { type SwapOrder, type SwapPlan, swapOrder, swapPlan } from "#lib/contract/recovery/swap.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { dropReplaced, endLostSwap, SWAP_ENDS } from "#worker/pipelines/restore/swap/end-swap.ts";
import { planSwap } from "#worker/pipelines/restore/swap/plan-swap.ts";
import { timeText } from "#worker/pipelines/restore/instant/instant-request.ts";
import { archivedLines, runSwap, SWAP_STAGES } from "#worker/pipelines/restore/swap/run-swap.ts";
import { listRecords, readRecord } from "#worker/pipelines/restore/swap/swap-record.ts";
import { readPlanFile, tellPlan } from "./plan-file.ts";
import { type Lang, printJson, reported, visible } from "./report.ts";
import { conclude, optionsOf, runHere, withHost } from "./session.ts";

interface SwapOptions {
  readonly with?: string[];
  readonly moveRest?: boolean;
  readonly ownChecks?: boolean;
  readonly lockWait: string;
  readonly output?: string;
  readonly confirm?: string;
}

/** `salvagente swap plan|run|undo|recover|drop|list`: a schema restored beside takes the place of the one in use, and may go back. */
export function addSwap(program: Command): void {
  const swap = program.command("swap").description("exchange a schema in use for one restored beside, and back");
  swap
    .command("plan")
    .description("dry run: what changes places, what differs, who holds the tables; nothing is changed")
    .argument("<server>", "server by its name in worker.yaml")
    .requiredOption("-w, --with <live=restored...>", "schema in use, and the restored one that takes its place")
    .option("--move-rest", "move tables away, too, that only the schema in use has; else they stay", false)
    .option("--lock-wait <seconds>", "give up when programs hold the tables for longer; others wait behind it meanwhile", "10")
    .option("--no-own-checks", "do not run the server's own checks on the exchanged tables; else the swap goes back by itself when one fails")
    .option("-o, --output <file>", "write the plan to a file for `salvagente swap run`")
    .action(async (server: string, _flags, command: Command) => {
      const options = optionsOf<SwapOptions>(command);
      const order = orderFrom({ kind: "swap", server, pairs: pairsFrom(options.with ?? []), moveRest: options.moveRest, lockWaitSeconds: Number(options.lockWait), ownChecks: options.ownChecks });
      await withHost(options, async (host) => {
        tellPlan(await planSwap(host, order), options, printPlan);
      });
    });
  swap
    .command("run")
    .description("run a plan of a swap, or of the way back, once")
    .argument("<plan>", "file written by `salvagente swap plan` or `swap undo`")
    .option("--confirm <name>", "the name that the plan asks for")
    .action(async (file: string, _flags, command: Command) => {
      const options = optionsOf<SwapOptions>(command);
      const plan = readPlanFile(file, swapPlan);
      await withHost(options, async (host) => {
        const start = { kind: "swap", trigger: "cli", server: plan.request.server, stages: SWAP_STAGES } as const;
        const end = await runHere(host, options, start, (context) => runSwap(context, host, plan, options.confirm));
        if (end.value && !options.json) {
          for (const { live, restored, kept } of end.value.moves) process.stdout.write(`${live} is what ${restored} was; what it was is kept in ${kept}\n`);
          process.stdout.write(`to go back: salvagente swap undo ${end.value.runId} -o back.json\n`);
        }
        conclude(end, options, end.value ? { swap: end.value } : {});
      });
    });
  swap
    .command("undo")
    .description("dry run of the way back of a swap: run it with `salvagente swap run`")
    .argument("<run>", "run of the swap")
    .option("--lock-wait <seconds>", "as for `swap plan`", "10")
    .option("-o, --output <file>", "write the plan to a file for `salvagente swap run`")
    .action(async (run: string, _flags, command: Command) => {
      const options = optionsOf<SwapOptions>(command);
      const order = orderFrom({ kind: "undo", runId: run, lockWaitSeconds: Number(options.lockWait) });
      await withHost(options, async (host) => tellPlan(await planSwap(host, order), options, printPlan));
    });
  swap
    .command("recover")
    .description("end a swap whose process died: forward when the tables have changed places, else back")
    .argument("<run>", "run of the swap")
    .action(async (run: string, _flags, command: Command) => {
      const options = optionsOf<SwapOptions>(command);
      await withHost(options, async (host) => {
        const { request } = readRecord(host.folders, run);
        const end = await runHere(host, options, { kind: "swap", trigger: "cli", server: request.server, stages: SWAP_ENDS.recover }, (context) => endLostSwap(context, host, run));
        if (end.value && !options.json) process.stdout.write(end.value === "swapped" ? "the tables had changed places: the swap is done\n" : "taken back: everything stands as before the swap\n");
        conclude(end, options, end.value ? { state: end.value } : {});
      });
    });
  swap
    .command("drop")
    .description("drop what a swap replaced; it cannot be undone afterwards")
    .argument("<run>", "run of the swap")
    .option("--confirm <schema>", "the schema that is dropped (of several: the server)")
    .action(async (run: string, _flags, command: Command) => {
      const options = optionsOf<SwapOptions>(command);
      await withHost(options, async (host) => {
        const { request } = readRecord(host.folders, run);
        const end = await runHere(host, options, { kind: "swap", trigger: "cli", server: request.server, stages: SWAP_ENDS.drop }, (context) => dropReplaced(context, host, run, options.confirm));
        if (!options.json) for (const name of end.value ?? []) process.stdout.write(`dropped ${name}\n`);
        conclude(end, options, end.value ? { dropped: end.value } : {});
      });
    });
  swap
    .command("list")
    .description("swaps of this host, newest first, and how they stand")
    .action(async (_flags, command: Command) => {
      const options = optionsOf(command);
      await withHost(options, async (host) => {
        const swaps = listRecords(host.folders).map(({ runId, at, state, request }) => ({ runId, at, state, ...request }));
        if (options.json) printJson({ ok: true, swaps });
        else for (const { runId, state, server, pairs } of swaps) process.stdout.write(`${runId}  ${state.padEnd(10)}  ${server}  ${pairs.map(({ live, restored, kept }) => `${restored} → ${live} → ${kept}`).join(", ")}\n`);
      });
    });
}

function pairsFrom(texts: readonly string[]): Record<string, string> {
  for (const text of texts) if (!/^[^=]+=[^=]+$/.test(text)) throw new Fault("INPUT_INVALID", { params: { fields: `--with ${text}: live=restored` } });
  return Object.fromEntries(texts.map((text) => text.split("=") as [string, string]));
}

function orderFrom(order: unknown): SwapOrder {
  const parsed = swapOrder.safeParse(order);
  if (!parsed.success) throw new Fault("INPUT_INVALID", { params: { fields: z.prettifyError(parsed.error) } });
  return parsed.data;
}

function printPlan(plan: SwapPlan, lang: Lang, file = "<plan>"): void {
  const say = (line: string): void => void process.stdout.write(`${visible(line)}\n`);
  say(`plan ${plan.hash.slice(0, 4)}-${plan.hash.slice(4, 8)}  valid until ${plan.expiresAt}`);
  for (const { live, restored, kept } of plan.request.pairs) say(`${restored} takes the place of ${live}, which is kept as ${kept}`);
  for (const { schema, table, live, restored, change } of plan.tables) say(`  ${schema}.${table}  ${live ?? "—"} → ${change === "stays" ? "stays" : (restored ?? "—")} rows${change === "same-structure" ? "" : `  (${change})`}`);
  for (const line of archivedLines(plan)) say(`  ${line}`);
  for (const { committedAt, gtid, file, position, what } of (plan.since ?? []).flatMap(({ transactions }) => transactions)) say(`    ${timeText(BigInt(committedAt))}  ${gtid ?? `${file}:${position}`}  ${what}`);
  for (const [at, command] of plan.commands.entries()) say(`${at + 1}. ${command}`);
  for (const name of plan.checks ?? []) say(`afterwards must pass, or it goes back: ${name}`);
  for (const warning of plan.warnings) say(`! ${reported(warning, lang).what}`);
  say(`to confirm: salvagente swap run ${file} --confirm '${plan.typedName.replaceAll("'", "'\\''")}'`);
}
