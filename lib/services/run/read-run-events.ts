import { z } from "zod";
import { runId } from "#lib/contract/names.ts";
import { ENDED_STATES, type RunEventView, type RunState } from "#lib/contract/views/run.ts";
import { requireRun } from "#lib/store/run/require-run.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";

export const readRunEventsInput = z.object({
  id: runId,
  /** Only lines numbered above this. */
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(2000).default(500),
});

export interface RunEvents {
  readonly events: readonly RunEventView[];
  readonly state: RunState;
  /** True when the run has ended and these are its last lines: stop asking. */
  readonly complete: boolean;
}

/** The journal from a point on, in order: for the first page view and for the live stream (ask again with the last `seq`). */
export async function readRunEvents(context: ServiceContext, input: z.input<typeof readRunEventsInput>): Promise<RunEvents> {
  await permit(context, "run.view");
  const { id, after, limit } = parseInput(readRunEventsInput, input);
  // the state first: an end that comes between the two queries is then seen on the next call, never lost
  const run = await requireRun(context.db, id, context.actor.role);
  const found = await context.db.runEvent.findMany({ where: { runId: id, seq: { gt: after } }, orderBy: { seq: "asc" }, take: limit });
  const events = found.map((event) => ({ seq: event.seq, at: event.at.toISOString(), body: event.body as unknown as RunEventView["body"] }));
  const state = run.state as RunState;
  return { events, state, complete: ENDED_STATES.includes(state) && found.length < limit };
}
