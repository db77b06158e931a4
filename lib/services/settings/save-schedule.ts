import { z } from "zod";
import { scheduleConfig } from "#lib/contract/config/desired-state.ts";
import { requirePolicy } from "#lib/store/settings/require-policy.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";
import { changeSettings } from "./change-settings.ts";
import type { Pushed } from "./push-state.ts";
import { requireSameHost } from "./require-host.ts";

export const saveScheduleInput = z.object({ config: scheduleConfig });
export type SaveScheduleInput = z.input<typeof saveScheduleInput>;

/** Creates or changes a schedule; its host is that of its policy's server. */
export async function saveSchedule(context: ServiceContext, input: SaveScheduleInput): Promise<Pushed> {
  await permit(context, "schedule.change");
  const { config } = parseInput(saveScheduleInput, input);
  const policy = await requirePolicy(context.db, config.policy);
  const existing = await context.db.schedule.findUnique({ where: { name: config.name }, include: { policy: { include: { server: true } } } });
  requireSameHost("schedule", config.name, existing?.policy.server.hostName, policy.server.hostName);
  return changeSettings(context, {
    action: "schedule.change",
    host: policy.server.hostName,
    subject: `schedule ${config.name}`,
    detail: { created: !existing, config },
    write: async (tx) => {
      await tx.schedule.upsert({ where: { name: config.name }, create: { name: config.name, policyName: policy.name, config }, update: { policyName: policy.name, config } });
    },
  });
}
