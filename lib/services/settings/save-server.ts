import { z } from "zod";
import { serverConfig } from "#lib/contract/config/server.ts";
import { secretSource, slug } from "#lib/contract/names.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";
import { changeSettings } from "./change-settings.ts";
import type { Pushed } from "./push-state.ts";
import { requireClearChecks } from "./require-clear-checks.ts";
import { requireHost, requireSameHost } from "./require-host.ts";
import { sealTyped } from "./seal-typed.ts";

const account = z.strictObject({ user: z.string().min(1).max(80), password: secretSource.optional() });

export const saveServerInput = z.object({
  host: slug,
  config: serverConfig.extend({ password: secretSource.optional(), restoreAccount: account.optional() }),
  /** Typed in the form; sealed to the host's key at once. Absent = keep what is stored, or `config.password`. */
  password: z.string().max(1024).optional(),
  restorePassword: z.string().max(1024).optional(),
});
export type SaveServerInput = z.input<typeof saveServerInput>;

/** Creates or changes a server. Faults of requireClearChecks. */
export async function saveServer(context: ServiceContext, input: SaveServerInput): Promise<Pushed> {
  await permit(context, "settings.change");
  const { host: hostName, config: given, password, restorePassword } = parseInput(saveServerInput, input);
  const host = await requireHost(context.db, hostName);
  const existing = await context.db.server.findUnique({ where: { name: given.name } });
  requireSameHost("server", given.name, existing?.hostName, hostName);
  const stored = existing ? serverConfig.parse(existing.config) : undefined;
  const { restoreAccount, ...rest } = given;
  const config = {
    ...rest,
    password: await sealTyped("password", host.boxKey, password, given.password, stored?.password),
    ...(restoreAccount ? { restoreAccount: { user: restoreAccount.user, password: await sealTyped("restorePassword", host.boxKey, restorePassword, restoreAccount.password, stored?.restoreAccount?.password) } } : {}),
  };
  return changeSettings(context, {
    action: "settings.change",
    host: hostName,
    subject: `server ${config.name}`,
    detail: { created: !existing, config },
    write: async (tx) => {
      await tx.server.upsert({ where: { name: config.name }, create: { name: config.name, hostName, environment: config.environment, config }, update: { environment: config.environment, config } });
      await requireClearChecks(tx, config.name);
    },
  });
}
