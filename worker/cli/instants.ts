import type { Command } from "commander";
import type { ArchivedTransaction } from "#lib/contract/archive/transaction.ts";
import { type Danger, searchTransactions } from "#lib/domain/binlog/search-transactions.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { parseZonedTime } from "#lib/domain/recovery/zoned-time.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import { type HostRuntime, requireServer } from "#worker/host/runtime.ts";
import { archivedTransactions, changesText } from "#worker/pipelines/restore/instant/archived-transactions.ts";
import { timeText } from "#worker/pipelines/restore/instant/instant-request.ts";
import { withSearchFolder } from "#worker/pipelines/restore/instant/search-folder.ts";
import { type Survey, surveyArchive, untilText } from "#worker/pipelines/restore/instant/survey.ts";
import { printJson } from "./report.ts";
import { optionsOf, withHost } from "./session.ts";

const TYPES: Readonly<Record<string, readonly Danger[]>> = { drop: ["drop"], truncate: ["truncate"], delete: ["many-deleted", "uncounted"], update: ["many-updated", "uncounted"] };

interface EventOptions {
  readonly type?: string[];
  readonly rows: string;
  readonly table?: string;
  readonly since?: string;
  readonly until?: string;
  readonly zone?: string;
  readonly all: boolean;
}

/** `salvagente window SERVER` and `salvagente events SERVER`: what instants can be restored, and what happened in them. */
export function addInstants(program: Command): void {
  program
    .command("window")
    .description("from when to when a server can be brought back, with gaps and why")
    .argument("<server>", "server by its name in worker.yaml")
    .action(async (server: string, _flags, command: Command) => {
      const options = optionsOf(command);
      await withSurvey(options, server, async (_host, { window: { bands, gaps } }) => {
        const shown = {
          bands: bands.map(({ from, to }) => ({ from: timeText(BigInt(from)), to: timeText(BigInt(to)) })),
          gaps: gaps.map((gap) => ({ from: timeText(BigInt(gap.from)), to: gap.to === null ? null : timeText(BigInt(gap.to)), why: untilText(gap) })),
        };
        if (options.json) return printJson({ ok: true, ...shown });
        for (const { from, to } of shown.bands) process.stdout.write(`${from} – ${to}\n`);
        for (const { from, to, why } of shown.gaps) process.stdout.write(`gap behind ${from}${to === null ? "" : ` until ${to}`}: ${why}\n`);
        if (shown.bands.length === 0) process.stdout.write("nothing can be restored: no full backup\n");
      });
    });
  program
    .command("events")
    .description("transactions of the archive that may have destroyed something")
    .argument("<server>", "server by its name in worker.yaml")
    .option("--type <kind...>", "only these: drop, truncate, delete, update")
    .option("--rows <n>", "deleted or updated rows of one table that count as dangerous, when more than this", "1000")
    .option("--table <name>", "only this table: schema.table, or a table of any schema")
    .option("--since <time>", "committed at or after")
    .option("--until <time>", "committed at or before")
    .option("--zone <zone>", "time zone of --since and --until, such as Europe/Rome")
    .option("--all", "every transaction, not only dangerous ones", false)
    .action(async (server: string, _flags, command: Command) => {
      const options = optionsOf<EventOptions>(command);
      const filter = filterFrom(options);
      await withSurvey(options, server, async (host, survey) => {
        const found: { transaction: ArchivedTransaction; dangers: readonly Danger[] }[] = [];
        await withSearchFolder(host, async (folder) => {
          const transactions = archivedTransactions(host, [...survey.segments.values()], { folder, from: filter.from, signal: new AbortController().signal });
          for await (const event of searchTransactions(transactions, filter)) {
            if (filter.wanted && !event.dangers.some((danger) => filter.wanted?.has(danger))) continue;
            if (options.json) found.push(event);
            else process.stdout.write(`${timeText(BigInt(event.transaction.committedAt))}  ${event.transaction.gtid ?? `${event.transaction.file}:${event.transaction.start}`}  ${event.dangers.join(",")}  ${changesText(event.transaction)}\n`);
          }
        });
        if (options.json) printJson({ ok: true, events: found.map(({ transaction, dangers }) => ({ ...transaction, committedAt: timeText(BigInt(transaction.committedAt)), dangers })) });
      });
    });
}

function filterFrom(options: EventOptions) {
  const unknown = (options.type ?? []).filter((type) => !Object.hasOwn(TYPES, type));
  if (unknown.length > 0) throw new Fault("INPUT_INVALID", { params: { fields: `--type ${unknown.join(", ")}: ${Object.keys(TYPES).join(", ")}` } });
  if (!/^\d{1,12}$/.test(options.rows)) throw new Fault("INPUT_INVALID", { params: { fields: "--rows: a whole number" } });
  const dot = options.table?.indexOf(".") ?? -1;
  return {
    dangerousOnly: !options.all,
    rowsOver: Number(options.rows),
    ...(options.since === undefined ? {} : { from: String(parseZonedTime(options.since, options.zone)) }),
    ...(options.until === undefined ? {} : { to: String(parseZonedTime(options.until, options.zone)) }),
    ...(options.table === undefined ? {} : dot < 0 ? { table: options.table } : { schema: options.table.slice(0, dot), table: options.table.slice(dot + 1) }),
    wanted: options.type ? new Set(options.type.flatMap((type) => TYPES[type] ?? [])) : null,
  };
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
