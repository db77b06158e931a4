import type { Command } from "commander";
import { z } from "zod";
import { statementKind } from "#lib/contract/archive/transaction.ts";
import { type FoundTransaction, MOST_RESULTS, type TransactionQuery, transactionQuery } from "#lib/contract/archive/transaction-search.ts";
import { type ClockStepBack, stepsOf } from "#lib/domain/binlog/clock-steps.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { parseZonedTime } from "#lib/domain/recovery/zoned-time.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import { type HostRuntime, requireServer } from "#worker/host/runtime.ts";
import { inLogOrder } from "#worker/pipelines/restore/instant/archived-segments.ts";
import { changesText } from "#worker/pipelines/restore/instant/archived-transactions.ts";
import { timeText } from "#worker/pipelines/restore/instant/instant-request.ts";
import { searchTransactions } from "#worker/pipelines/restore/instant/search-transactions.ts";
import { type Survey, surveyArchive, untilText } from "#worker/pipelines/restore/instant/survey.ts";
import { printJson, visible } from "./report.ts";
import { optionsOf, withHost } from "./session.ts";

interface EventOptions {
  readonly type?: string[];
  readonly rows?: string;
  readonly table?: string;
  readonly user?: string;
  readonly text?: string;
  readonly since?: string;
  readonly until?: string;
  readonly zone?: string;
  readonly all: boolean;
  readonly oldest: boolean;
  readonly limit: string;
  readonly after?: string;
}

/** `salvagente window SERVER` and `salvagente events SERVER`: what instants can be restored, and what happened in them. */
export function addInstants(program: Command): void {
  program
    .command("window")
    .description("from when to when a server can be brought back, with gaps and why")
    .argument("<server>", "server by its name in worker.yaml")
    .action(async (server: string, _flags, command: Command) => {
      const options = optionsOf(command);
      await withSurvey(options, server, async (_host, { window: { bands, gaps }, segments }) => {
        const shown = {
          bands: bands.map(({ from, to }) => ({ from: timeText(BigInt(from)), to: timeText(BigInt(to)) })),
          gaps: gaps.map((gap) => ({ from: timeText(BigInt(gap.from)), to: gap.to === null ? null : timeText(BigInt(gap.to)), why: untilText(gap) })),
          clockSteps: stepsOf(inLogOrder([...segments.values()]).map(({ index }) => index)).map(shownStep),
        };
        if (options.json) return printJson({ ok: true, ...shown });
        for (const { from, to } of shown.bands) process.stdout.write(`${from} – ${to}\n`);
        for (const { from, to, why } of shown.gaps) process.stdout.write(`gap behind ${from}${to === null ? "" : ` until ${to}`}: ${why}\n`);
        for (const step of shown.clockSteps) process.stdout.write(`${stepLine(step)}\n`);
        if (shown.bands.length === 0) process.stdout.write("nothing can be restored: no full backup\n");
      });
    });
  program
    .command("events")
    .description("transactions of the archive that may have destroyed something, newest first")
    .argument("<server>", "server by its name in worker.yaml")
    .option("--type <kind...>", `only these: ${statementKind.options.join(", ")}`)
    .option("--rows <n>", "dangerous: more deleted or updated rows of one table than this (default 1000); with --all: more changed rows of one table")
    .option("--table <name>", "only this table: schema.table, or a table of any schema")
    .option("--user <part>", "only of accounts whose name@host holds this, where the log tells it")
    .option("--text <part>", "only with this in a statement's text, in schema.table or in the GTID")
    .option("--since <time>", "committed at or after")
    .option("--until <time>", "committed at or before")
    .option("--zone <zone>", "time zone of --since and --until, such as Europe/Rome")
    .option("--all", "every transaction, not only dangerous ones", false)
    .option("--oldest", "oldest first", false)
    .option("--limit <n>", `at most so many, up to ${MOST_RESULTS}`, "200")
    .option("--after <place>", "next page: what the page before said")
    .action(async (server: string, _flags, command: Command) => {
      const options = optionsOf<EventOptions>(command);
      const query = queryFrom(server, options);
      await withHost(options, async (host) => {
        const { transactions, next, clockSteps, ...more } = await searchTransactions(host, query, new AbortController().signal);
        const place = next ? `${next.serverUuid}/${next.epoch}/${next.file}:${next.start}` : null;
        if (options.json) return printJson({ ok: true, events: transactions.map((one) => ({ ...one, committedAt: timeText(BigInt(one.committedAt)) })), ...more, clockSteps: clockSteps.map(shownStep), next: place });
        for (const transaction of transactions) process.stdout.write(`${visible(eventLine(transaction))}\n`);
        for (const step of clockSteps.map(shownStep)) process.stdout.write(`${stepLine(step)}\n`);
        for (const { file, fault } of more.unread) process.stderr.write(`${file} could not be looked into: ${fault.code}\n`);
        if (place) process.stdout.write(`there are more: --after ${place}\n`);
      });
    });
}

function shownStep({ from, to, ...place }: ClockStepBack): ClockStepBack {
  return { from: timeText(BigInt(from)), to: timeText(BigInt(to)), ...place };
}

/** A time between the two stands in the log twice: a restore to it stops at the first place. */
function stepLine({ from, to, file, start }: ClockStepBack): string {
  return `note: the server's clock went back from ${from} to ${to} in ${file}${start === null ? "" : `:${start}`}`;
}

function eventLine(transaction: FoundTransaction): string {
  const { committedAt, gtid, file, start, dangers, user } = transaction;
  return [timeText(BigInt(committedAt)), gtid ?? `${file}:${start}`, dangers.join(","), changesText(transaction), ...(user ? [user] : [])].join("  ");
}

function queryFrom(server: string, options: EventOptions): TransactionQuery {
  const dot = options.table?.indexOf(".") ?? -1;
  const named = options.table === undefined ? {} : dot < 0 ? { table: options.table } : { schema: options.table.slice(0, dot), table: options.table.slice(dot + 1) };
  const instants = Object.entries({ from: options.since, to: options.until }).map(([name, text]) => [name, text === undefined ? undefined : String(parseZonedTime(text, options.zone))]);
  const [, serverUuid, epoch, file, start] = /^([^/]+)\/(\d{1,9})\/([^/:]+):(\d{1,15})$/.exec(options.after ?? "") ?? [];
  if (options.after !== undefined && start === undefined) throw new Fault("INPUT_INVALID", { params: { fields: "--after: what the page before said" } });
  const parsed = transactionQuery.safeParse({
    server,
    ...named,
    ...Object.fromEntries(instants),
    kinds: options.type,
    user: options.user,
    text: options.text,
    dangerousOnly: !options.all,
    rowsOver: options.rows === undefined ? undefined : Number(options.rows),
    order: options.oldest ? "oldest" : "newest",
    limit: Number(options.limit),
    after: start === undefined ? undefined : { serverUuid, epoch: Number(epoch), file, start: Number(start) },
  });
  if (!parsed.success) throw new Fault("INPUT_INVALID", { params: { fields: z.prettifyError(parsed.error) } });
  return parsed.data;
}

async function withSurvey(options: Parameters<typeof withHost>[0], server: string, work: (host: HostRuntime, survey: Survey) => Promise<void>): Promise<void> {
  await withHost(options, async (host) => {
    requireServer(host.settings, server);
    const destinations = openDestinations(host, host.settings.destinations.map(({ name }) => name));
    try {
      await work(host, await surveyArchive(host, destinations, server));
    } finally {
      await Promise.allSettled(destinations.map((destination) => destination.close()));
    }
  });
}
