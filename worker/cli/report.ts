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

/**
 * One line of text for a terminal. Names of tables and words of servers are other people's: what in them would begin a line, move the cursor, turn the direction of writing or be taken
 * for an order by the terminal is shown as `\u{1b}`.
 */
export function visible(line: string): string {
  return line.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) => (character === "\t" ? character : `\\u{${character.codePointAt(0)?.toString(16)}}`));
}

/** Three lines for a person: code and what, why, what to do; then the evidence. */
export function faultLines(fault: ReportedFault, indent = ""): string {
  // A list of what is wrong goes over several lines; none of them looks like one of ours.
  const what = `${fault.code}: ${fault.what}`.split("\n").map((line, at) => (at === 0 ? line : `  | ${line}`));
  const lines = [...what, `  ${fault.why}`, `  ${fault.todo}`, ...(fault.detail ? ["", ...fault.detail.trimEnd().split("\n")] : [])];
  return lines.map((line) => `${indent}${visible(line)}\n`).join("");
}

const WRONG_USE: ReadonlySet<string> = new Set<FaultCode>(["CONFIG_INVALID", "CONFIG_UNKNOWN_NAME", "CONFIG_UNREADABLE", "INPUT_INVALID", "NOT_FOUND"]);

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
