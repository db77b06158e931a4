import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { Fault } from "#lib/domain/fault/fault.ts";

/** A plan that a dry run wrote. Fault INPUT_INVALID for what is none. */
export function readPlanFile<T extends z.ZodType>(file: string, shape: T): z.infer<T> {
  const bad = (message: string, cause?: unknown): Fault => new Fault("INPUT_INVALID", { params: { fields: `${file}: ${message}` }, cause });
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw bad(cause instanceof SyntaxError ? "this is no plan (not JSON)" : cause instanceof Error ? cause.message : String(cause), cause);
  }
  const parsed = shape.safeParse(document);
  if (!parsed.success) throw bad(z.prettifyError(parsed.error));
  return parsed.data;
}

/** Keeps a plan for the command that runs it, 0600. Fault INPUT_INVALID where the file cannot be written. */
export function writePlanFile(file: string, plan: object): void {
  try {
    writeFileSync(file, JSON.stringify(plan), { mode: 0o600 });
  } catch (cause) {
    throw new Fault("INPUT_INVALID", { params: { fields: `--output: ${cause instanceof Error ? cause.message : String(cause)}` }, cause });
  }
}
