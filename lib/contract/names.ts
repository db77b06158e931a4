import { z } from "zod";

/** Name given by a person to a server, policy, destination or host; stands in storage keys and queue names. */
export const slug = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, "lower-case letters, digits and dashes, at most 40");

/** Run or set id: `20261123T020000Z-4f9a1c`. */
export const runId = z.string().regex(/^\d{8}T\d{6}Z-[0-9a-f]{6,12}$/);

/** Instant, ISO-8601, UTC. */
export const instant = z.iso.datetime({ offset: false });

export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);
export const md5Hex = z.string().regex(/^[0-9a-f]{32}$/);

/** OpenPGP v4 fingerprint, 40 upper-case hex digits. */
export const fingerprint = z.string().regex(/^[0-9A-F]{40}$/);

export const flavor = z.enum(["mysql", "mariadb"]);
export type Flavor = z.infer<typeof flavor>;

/**
 * Where a secret comes from: a file on the worker's host (0600), or text sealed to the worker's public key.
 * Never the secret itself.
 */
export const secretSource = z.union([
  z.strictObject({ file: z.string().min(1) }),
  z.strictObject({ sealed: z.string().min(1) }),
]);
export type SecretSource = z.infer<typeof secretSource>;

/** A fault as record; the code is checked against the table by the reader. */
export const faultRecord = z.object({
  code: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
  retryable: z.boolean(),
  detail: z.string().optional(),
});
