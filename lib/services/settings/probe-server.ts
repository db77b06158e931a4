import { z } from "zod";
import { probeServer as probeJob } from "#lib/contract/jobs/control.ts";
import { slug } from "#lib/contract/names.ts";
import { requireServer } from "#lib/store/settings/require-policy.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";

export const probeServerInput = z.object({ server: slug, policy: slug.optional() });
export type ServerProbe = z.output<typeof probeJob.result>;

/** Connection test and pre-flight on the host. @throws Fault HOST_SILENT */
export async function probeServer(context: ServiceContext, input: z.input<typeof probeServerInput>): Promise<ServerProbe> {
  await permit(context, "server.probe");
  const { server: name, policy } = parseInput(probeServerInput, input);
  const server = await requireServer(context.db, name);
  await permit(context, "server.probe", server.environment, name);
  return context.queue.ask(probeJob, server.hostName, { server: name, ...(policy ? { policy } : {}) }, 60_000);
}
