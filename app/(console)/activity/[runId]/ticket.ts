import type { LogLine } from "#components/run/journal.ts";
import type { RunDetail } from "#lib/contract/views/run.ts";
import { faultText } from "#lib/domain/fault/fault.ts";
import { isFaultCode } from "#lib/domain/fault/table.ts";
import type { Formats } from "#lib/i18n/bound.ts";

/** A run as plain text for a ticket: what, where, when, stages, fault, the last lines of the log. */
export function ticketText(run: RunDetail, log: readonly LogLine[], format: Formats): string {
  const lines = [
    `run ${run.id}`,
    `${run.kind} · ${run.state} · ${run.trigger}`,
    `host ${run.host}${run.server ? ` · server ${run.server}` : ""}${run.policy ? ` · policy ${run.policy}` : ""}${run.setId ? ` · set ${run.setId}` : ""}`,
    `queued ${run.queuedAt} (${format.instant(run.queuedAt)})`,
    run.startedAt && `started ${run.startedAt}`,
    run.finishedAt && `finished ${run.finishedAt} (${run.seconds} s)`,
    run.requestedBy && `requested by ${run.requestedBy}`,
    ...run.stages.map((stage) => `stage ${stage.name}: ${stage.seconds === undefined ? (stage.startedAt ? "running" : "not begun") : `${stage.seconds} s ${stage.ok === false ? "FAILED" : "ok"}`}`),
  ];
  if (run.fault) {
    const code = isFaultCode(run.fault.code) ? run.fault.code : "UNEXPECTED";
    const text = faultText({ code, params: { message: run.fault.code, ...run.fault.params } }, format.locale);
    lines.push(`fault ${run.fault.code}: ${text.what}`, text.why, text.todo, run.fault.detail ?? null);
  }
  if (log.length > 0) lines.push("log:", ...log.slice(-30).map((line) => `${line.at} ${line.level} ${line.text}`));
  return lines.filter(Boolean).join("\n");
}
