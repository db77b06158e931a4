import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { Fault } from "#lib/domain/fault/fault.ts";
import { systemWords } from "#lib/platform/system-words.ts";
import { exitCodeOf, faultLines, type Lang, printJson, reported } from "./report.ts";

/** A plan that a dry run wrote. Fault INPUT_INVALID for what is none. */
export function readPlanFile<T extends z.ZodType>(file: string, shape: T): z.infer<T> {
  const bad = (message: string): Fault => new Fault("INPUT_INVALID", { params: { fields: `${file}: ${message}` } });
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw bad(cause instanceof SyntaxError ? "this is no plan (not JSON)" : systemWords(cause));
  }
  const parsed = shape.safeParse(document);
  if (!parsed.success) throw bad(z.prettifyError(parsed.error));
  return parsed.data;
}

/** Keeps a plan for the command that runs it, 0600. Fault INPUT_INVALID where the file cannot be written. */
function writePlanFile(file: string, plan: object): void {
  try {
    writeFileSync(file, JSON.stringify(plan), { mode: 0o600 });
  } catch (cause) {
    throw new Fault("INPUT_INVALID", { params: { fields: `--output ${file}: ${systemWords(cause)}` } });
  }
}

/** Tells what a dry run found: the plan, in a file too where one is asked for; or the reasons against it, with their exit code. */
export function tellPlan<P extends object>(
  result: { readonly ok: true; readonly plan: P } | { readonly ok: false; readonly faults: readonly Parameters<typeof reported>[0][] },
  options: { readonly lang: Lang; readonly json: boolean; readonly output?: string },
  print: (plan: P, lang: Lang, file?: string) => void,
): void {
  if (!result.ok) {
    const faults = result.faults.map((fault) => reported(fault, options.lang));
    if (options.json) printJson({ ok: false, fault: faults[0], faults });
    for (const fault of faults) process.stderr.write(faultLines(fault));
    process.exitCode = exitCodeOf(faults[0]?.code ?? "");
    return;
  }
  if (options.output) writePlanFile(options.output, result.plan);
  if (options.json) printJson(result);
  else print(result.plan, options.lang, options.output);
}
