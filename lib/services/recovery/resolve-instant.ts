import { z } from "zod";
import { ANSWER_MS, resolveInstant as resolveJob } from "#lib/contract/jobs/instants.ts";
import type { InstantOutcome } from "#lib/contract/views/instant.ts";
import { requireServer } from "#lib/store/settings/require-policy.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";

export const resolveInstantInput = resolveJob.payload.extend({ skip: z.array(z.string().max(120)).max(20).default([]) });

/** Asks the server's host to which exact place an instant leads. Faults FORBIDDEN, NOT_FOUND, HOST_SILENT, QUEUE_UNREACHABLE. */
export async function resolveInstant(context: ServiceContext, input: z.input<typeof resolveInstantInput>): Promise<InstantOutcome> {
  await permit(context, "restore.plan");
  const request = parseInput(resolveInstantInput, input);
  const server = await requireServer(context.db, request.server);
  await permit(context, "restore.plan", server.environment, server.name);
  return context.queue.ask(resolveJob, server.hostName, request, ANSWER_MS + 5_000);
}
