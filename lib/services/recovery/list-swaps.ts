import { z } from "zod";
import { listSwaps as listJob } from "#lib/contract/jobs/control.ts";
import { slug } from "#lib/contract/names.ts";
import type { SwapStanding } from "#lib/contract/recovery/swap.ts";
import { requireServer } from "#lib/store/settings/require-policy.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";

/** So long may the host take to read its records, ms. */
const ANSWER_MS = 10_000;

export const listSwapsInput = z.object({ server: slug });

/** How the swaps of a server stand, newest first, by the records of its host: those of the command line too. Faults FORBIDDEN, NOT_FOUND, HOST_SILENT, QUEUE_UNREACHABLE. */
export async function listSwaps(context: ServiceContext, input: z.input<typeof listSwapsInput>): Promise<SwapStanding[]> {
  await permit(context, "restore.plan");
  const { server: name } = parseInput(listSwapsInput, input);
  const server = await requireServer(context.db, name);
  await permit(context, "restore.plan", server.environment, name);
  return (await context.queue.ask(listJob, server.hostName, { server: name }, ANSWER_MS)).swaps;
}
