import { z } from "zod";
import { policyConfig } from "#lib/contract/config/policy.ts";
import { requireServer } from "#lib/store/settings/require-policy.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";
import { changeSettings } from "./change-settings.ts";
import type { Pushed } from "./push-state.ts";
import { requireClearChecks } from "./require-clear-checks.ts";
import { requireSameHost } from "./require-host.ts";

export const savePolicyInput = z.object({ config: policyConfig });
export type SavePolicyInput = z.input<typeof savePolicyInput>;

/** Creates or changes a policy; its host is its server's. Faults of requireClearChecks: a wider scope can make a check of the server unclear. */
export async function savePolicy(context: ServiceContext, input: SavePolicyInput): Promise<Pushed> {
  await permit(context, "settings.change");
  const { config } = parseInput(savePolicyInput, input);
  const server = await requireServer(context.db, config.server);
  const existing = await context.db.policy.findUnique({ where: { name: config.name }, include: { server: true } });
  requireSameHost("policy", config.name, existing?.server.hostName, server.hostName);
  return changeSettings(context, {
    action: "settings.change",
    host: server.hostName,
    subject: `policy ${config.name}`,
    detail: { created: !existing, config },
    write: async (tx) => {
      await tx.policy.upsert({ where: { name: config.name }, create: { name: config.name, serverName: server.name, config }, update: { serverName: server.name, config } });
      await requireClearChecks(tx, server.name);
    },
  });
}
