import type { Command } from "commander";
import type { BorderTransaction, ReplayBoundary, WantedInstant } from "#lib/contract/recovery/instant.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { parseZonedTime } from "#lib/domain/recovery/zoned-time.ts";
import { timeText } from "#worker/pipelines/restore/instant/instant-request.ts";
import { changeLines } from "./changes.ts";
import { visible } from "./report.ts";

export interface InstantOptions {
  readonly time?: string;
  readonly zone?: string;
  readonly gtid?: string;
  readonly before?: string;
  readonly position?: string;
  readonly skip?: string[];
}

/** Options that choose an instant behind a full backup. */
export function withInstantOptions(command: Command): Command {
  return command
    .option("--time <time>", "replay the archive up to this time: «2026-11-25 14:13:52.104», with Z, an offset, or --zone")
    .option("--zone <zone>", "time zone of --time, such as Europe/Rome")
    .option("--gtid <gtid>", "replay up to this transaction, included")
    .option("--before <gtid>", "replay up to just before this transaction")
    .option("--position <file:position>", "replay up to this place in the server's binary logs")
    .option("--skip <gtid...>", "leave these transactions out (MySQL with GTIDs)");
}

/** The instant that the options ask for; null for none. Faults INPUT_INVALID, INSTANT_AMBIGUOUS. */
export function wantedFrom(options: InstantOptions): WantedInstant | null {
  const given = (["time", "gtid", "before", "position"] as const).filter((name) => options[name] !== undefined);
  const [only] = given;
  if (given.length > 1) throw invalid(`${given.map((name) => `--${name}`).join(", ")}: one of them`);
  if (!only) {
    if (options.skip || options.zone) throw invalid(`${options.skip ? "--skip" : "--zone"}: only together with --time, --gtid, --before or --position`);
    return null;
  }
  const text = options[only] ?? "";
  if (only === "time") return { kind: "time", at: String(parseZonedTime(text, options.zone)) };
  if (only === "gtid") return { kind: "after", gtid: text };
  if (only === "before") return { kind: "before", gtid: text };
  const [, file, position] = /^([^:/]+):(\d{1,15})$/.exec(text) ?? [];
  if (file === undefined || position === undefined) throw invalid("--position: file:position, such as binlog.000012:4711");
  return { kind: "position", file, position: Number(position) };
}

/** Where the replay stops, for people. */
export function printBoundary(boundary: ReplayBoundary): void {
  const line = (label: string, transaction: BorderTransaction | null, none: string): string =>
    `${label} ${transaction ? `${timeText(BigInt(transaction.committedAt))}  ${transaction.gtid ?? `${transaction.file}:${transaction.position}`}  ${transaction.what}` : none}\n`;
  const last = boundary.segments.at(-1);
  process.stdout.write(`replays ${boundary.segments.length} binary log files, stops at ${last?.file}:${boundary.stop.position}\n`);
  process.stdout.write(line("last included: ", boundary.lastIncluded, "none, the full as it is"));
  process.stdout.write(line("first excluded:", boundary.firstExcluded, "none, everything that is archived"));
  for (const gtid of boundary.skip) process.stdout.write(`left out:       ${gtid}\n`);
  process.stdout.write(`costs ${boundary.lostTransactions} archived transactions that are not in the result\n`);
  if (boundary.changes) for (const text of changeLines(boundary.changes)) process.stdout.write(`${visible(text)}\n`);
}

function invalid(fields: string): Fault {
  return new Fault("INPUT_INVALID", { params: { fields } });
}
