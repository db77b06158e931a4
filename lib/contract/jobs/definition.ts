import type { z } from "zod";

/**
 * A job as one definition: name, payload, result and how often it may be tried.
 * `lane` says which queue of the host takes it: `run` = long work, one at a time; `control` = short questions and orders, at once.
 */
export interface JobDefinition<Name extends string, P extends z.ZodType, R extends z.ZodType> {
  readonly name: Name;
  readonly lane: "run" | "control";
  readonly payload: P;
  readonly result: R;
  /** Attempts in all. Restores have one and are never repeated. */
  readonly attempts: number;
  /** How long a signed job stays valid in the queue, seconds. */
  readonly validSeconds: number;
}

export function defineJob<Name extends string, P extends z.ZodType, R extends z.ZodType>(definition: JobDefinition<Name, P, R>): JobDefinition<Name, P, R> {
  return definition;
}
