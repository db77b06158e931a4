import { z } from "zod";
import { recipientKey } from "#lib/contract/config/desired-state.ts";
import { slug } from "#lib/contract/names.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";
import { changeSettings } from "./change-settings.ts";
import type { Pushed } from "./push-state.ts";
import { requireHost, requireSameHost } from "./require-host.ts";

export const saveKeyInput = z.object({ host: slug, config: recipientKey });
export type SaveKeyInput = z.input<typeof saveKeyInput>;

/** Creates or changes a public key. A private key is refused: it must never reach the console. */
export async function saveKey(context: ServiceContext, input: SaveKeyInput): Promise<Pushed> {
  await permit(context, "settings.change");
  const { host, config } = parseInput(saveKeyInput, input);
  if ("armored" in config.key && !/-----BEGIN PGP PUBLIC KEY BLOCK-----/.test(config.key.armored)) {
    throw new Fault("INPUT_INVALID", { params: { fields: "config.key" }, detail: "config.key: an armored OpenPGP public key is wanted" });
  }
  if ("armored" in config.key && /PRIVATE KEY/.test(config.key.armored)) {
    throw new Fault("INPUT_INVALID", { params: { fields: "config.key" }, detail: "config.key: this is a private key; keep it on the host that restores" });
  }
  await requireHost(context.db, host);
  const existing = await context.db.recipientKey.findUnique({ where: { name: config.name } });
  requireSameHost("key", config.name, existing?.hostName, host);
  return changeSettings(context, {
    action: "settings.change",
    host,
    subject: `key ${config.name}`,
    detail: { created: !existing, purpose: config.purpose },
    write: async (tx) => {
      await tx.recipientKey.upsert({ where: { name: config.name }, create: { name: config.name, hostName: host, purpose: config.purpose, config }, update: { purpose: config.purpose, config } });
    },
  });
}
