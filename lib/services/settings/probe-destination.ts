import { z } from "zod";
import { probeDestination as probeJob } from "#lib/contract/jobs/control.ts";
import { slug } from "#lib/contract/names.ts";
import type { ProbeView } from "#lib/contract/views/settings.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";

export const probeDestinationInput = z.object({ destination: slug });

/** Staged test from the host; the space it measures is kept for the dashboard. @throws Fault HOST_SILENT */
export async function probeDestination(context: ServiceContext, input: z.input<typeof probeDestinationInput>): Promise<ProbeView> {
  await permit(context, "server.probe");
  const { destination: name } = parseInput(probeDestinationInput, input);
  const row = await context.db.destination.findUnique({ where: { name } });
  if (!row) throw new Fault("NOT_FOUND", { params: { kind: "destination", id: name } });
  const answer = await context.queue.ask(probeJob, row.hostName, { destination: name }, 60_000);
  const probe = { at: new Date(context.clock.now()).toISOString(), ...answer };
  await context.db.destination.update({ where: { name }, data: { lastProbe: probe } });
  return probe;
}
