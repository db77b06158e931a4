import { z } from "zod";
import { destinationConfig, localDestination, s3Destination } from "#lib/contract/config/destination.ts";
import { secretSource, slug } from "#lib/contract/names.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";
import { changeSettings } from "./change-settings.ts";
import type { Pushed } from "./push-state.ts";
import { requireHost, requireSameHost } from "./require-host.ts";
import { sealTyped } from "./seal-typed.ts";

export const saveDestinationInput = z.object({
  host: slug,
  config: z.discriminatedUnion("kind", [localDestination, s3Destination.extend({ secretKey: secretSource.optional() })]),
  /** S3: typed in the form; sealed to the host's key at once. Absent = keep what is stored, or `config.secretKey`. */
  secretKey: z.string().max(1024).optional(),
});
export type SaveDestinationInput = z.input<typeof saveDestinationInput>;

/** Creates or changes a destination. */
export async function saveDestination(context: ServiceContext, input: SaveDestinationInput): Promise<Pushed> {
  await permit(context, "settings.change");
  const { host: hostName, config: given, secretKey } = parseInput(saveDestinationInput, input);
  const host = await requireHost(context.db, hostName);
  const existing = await context.db.destination.findUnique({ where: { name: given.name } });
  requireSameHost("destination", given.name, existing?.hostName, hostName);
  const stored = existing ? destinationConfig.parse(existing.config) : undefined;
  const storedKey = stored?.kind === "s3" ? stored.secretKey : undefined;
  const config = given.kind === "s3" ? { ...given, secretKey: await sealTyped("secretKey", host.boxKey, secretKey, given.secretKey, storedKey) } : given;
  return changeSettings(context, {
    action: "settings.change",
    host: hostName,
    subject: `destination ${config.name}`,
    detail: { created: !existing, config },
    write: async (tx) => {
      await tx.destination.upsert({ where: { name: config.name }, create: { name: config.name, hostName, kind: config.kind, config }, update: { kind: config.kind, config } });
    },
  });
}
