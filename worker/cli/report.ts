import { type FaultRecord, faultText } from "#lib/domain/fault/fault.ts";
import { type FaultCode, isFaultCode } from "#lib/domain/fault/table.ts";
import { EXIT } from "./exit-codes.ts";

export type Lang = "it" | "en";

/** A fault as commands print it with `--json`: the record and its texts. */
export interface ReportedFault extends Omit<FaultRecord, "code"> {
  readonly code: string;
  readonly what: string;
  readonly why: string;
  readonly todo: string;
}

/** The record with its texts; a code of another version keeps its record and says UNEXPECTED's texts. */
export function reported(fault: { code: string; params: FaultRecord["params"]; retryable: boolean; detail?: string | undefined }, lang: Lang): ReportedFault {
  const { code, params, retryable, detail } = fault;
  return { code, params, retryable, ...(detail ? { detail } : {}), ...faultText({ code: isFaultCode(code) ? code : "UNEXPECTED", params }, lang) };
}

/** Three lines for a person: code and what, why, what to do; then the evidence. */
export function faultLines(fault: ReportedFault, indent = ""): string {
  const lines = [`${fault.code}: ${fault.what}`, `  ${fault.why}`, `  ${fault.todo}`, ...(fault.detail ? ["", ...fault.detail.trimEnd().split("\n")] : [])];
  return lines.map((line) => `${indent}${line}\n`).join("");
}

const WRONG_USE: ReadonlySet<string> = new Set<FaultCode>(["CONFIG_INVALID", "CONFIG_UNKNOWN_NAME", "INPUT_INVALID", "NOT_FOUND"]);

/** Exit code of a command that ended with this fault. */
export function exitCodeOf(code: string): number {
  if (WRONG_USE.has(code)) return EXIT.usage;
  if (code === "CANCELLED") return EXIT.cancelled;
  return code === "VERIFICATION_FAILED" ? EXIT.refused : EXIT.failed;
}

/** The one JSON object of a command. */
export function printJson(answer: { readonly ok: boolean } & Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
