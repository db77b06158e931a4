import { z } from "zod";
import { instant, slug } from "../names.ts";

/** A job as it lies in the queue: signed by the console, for one host, once. */
export const jobEnvelope = z.strictObject({
  v: z.literal(1),
  host: slug,
  name: z.string(),
  /** Canonical JSON of the payload. */
  payload: z.string(),
  issuedAt: instant,
  expiresAt: instant,
  /** Random, 32 hex digits: a worker takes each nonce once. */
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
  /** Ed25519 over canonical JSON of all other fields, base64. */
  signature: z.string(),
});
export type JobEnvelope = z.infer<typeof jobEnvelope>;

/** Events travel the other way, signed by the worker. */
export const eventEnvelope = z.strictObject({
  v: z.literal(1),
  host: slug,
  /** Canonical JSON of a RunEvent. */
  event: z.string(),
  /** Ed25519 over the text of `event`, base64. */
  signature: z.string(),
});
export type EventEnvelope = z.infer<typeof eventEnvelope>;
