import type { z } from "zod";
import { Fault } from "#lib/domain/fault/fault.ts";

/**
 * Input of a verb, checked. Forms show `fields`; `detail` has one line per problem: `path: message`.
 * @throws Fault INPUT_INVALID
 */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const fields = [...new Set(parsed.error.issues.map((issue) => issue.path.join(".") || "input"))];
  const detail = parsed.error.issues.map((issue) => `${issue.path.join(".") || "input"}: ${issue.message}`).join("\n");
  throw new Fault("INPUT_INVALID", { params: { fields: fields.join(", ") }, detail });
}
