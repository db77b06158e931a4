import type { z } from "zod";
import { zoneName } from "#lib/domain/schedule/zone.ts";
import { transaction } from "#lib/store/open-database.ts";
import { appendAudit } from "#lib/store/audit/append-audit.ts";
import { runFilters, walkRuns } from "#lib/store/run/find-runs.ts";
import { auditAs } from "../audit-as.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";
import { csvLine } from "./csv.ts";

export const exportRunsInput = runFilters.extend({ timeZone: zoneName.default("Europe/Rome") });
export type ExportRunsInput = z.input<typeof exportRunsInput>;

const HEAD = ["id", "kind", "state", "trigger", "host", "server", "environment", "policy", "set", "requested_by", "queued_at_utc", "queued_at_local", "started_at_utc", "finished_at_utc", "seconds", "bytes", "fault", "time_zone"];

/** The filtered runs as CSV text, a piece at a time; UTF-8, comma, CRLF. Permission and filters are checked before the first piece. */
export async function exportRuns(context: ServiceContext, input: ExportRunsInput): Promise<AsyncIterable<string>> {
  await permit(context, "run.export");
  const { timeZone, ...filters } = parseInput(exportRunsInput, input);
  await transaction(context.db, (tx) => appendAudit(tx, auditAs(context, { action: "run.export", subject: "runs", detail: { ...filters, timeZone } })));
  return lines(context, filters, timeZone);
}

async function* lines(context: ServiceContext, filters: z.output<typeof runFilters>, timeZone: string): AsyncGenerator<string> {
  const local = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  let piece = csvLine(HEAD);
  for await (const run of walkRuns(context.db, context.actor.role, filters)) {
    piece += csvLine([
      run.id, run.kind, run.state, run.trigger, run.host, run.server, run.environment, run.policy, run.setId, run.requestedBy,
      run.queuedAt, local.format(new Date(run.queuedAt)), run.startedAt, run.finishedAt, run.seconds, run.bytes, run.fault?.code ?? null, timeZone,
    ]);
    if (piece.length > 64 * 1024) {
      yield piece;
      piece = "";
    }
  }
  if (piece) yield piece;
}
