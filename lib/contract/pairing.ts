import { z } from "zod";
import { recoveryReport } from "./archive/window.ts";
import { instant, slug } from "./names.ts";

/** Redis keys and streams shared by console and worker. */
export const CHANNELS = {
  /** Stream of EventEnvelope, field `e`; read by the controller's consumer group. */
  events: "salvagente:events",
  /** Hash host → PairingHello of workers that wait to be accepted. */
  pairing: "salvagente:pairing",
  /** Prefix + fingerprint → PairingAnswer. */
  pairingAnswer: "salvagente:pairing-answer:",
  /** Prefix + host → HeartbeatEnvelope; expires after 60 s. */
  heartbeat: "salvagente:heartbeat:",
} as const;

/** What a worker that nobody knows yet says of itself. */
export const pairingHello = z.strictObject({
  v: z.literal(1),
  host: slug,
  hostname: z.string(),
  /** Raw Ed25519 public key, base64: verifies its events and manifests. */
  signingKey: z.string(),
  /** Raw X25519 public key, base64: secrets are sealed to it. */
  boxKey: z.string(),
  /** SHA-256 over both keys, first 16 hex digits in groups of four. */
  fingerprint: z.string(),
  /** HMAC-SHA-256 of the fields above with the code that the worker shows on its own terminal, base64. */
  proof: z.string(),
  at: instant,
});
export type PairingHello = z.infer<typeof pairingHello>;

/** The console's answer: its own key, proven by the same code, so that the worker can trust it. */
export const pairingAnswer = z.strictObject({
  v: z.literal(1),
  host: slug,
  /** Raw Ed25519 public key of the console, base64. */
  consoleKey: z.string(),
  acceptedAt: instant,
  /** HMAC-SHA-256 of the fields above with the code, base64. */
  proof: z.string(),
});
export type PairingAnswer = z.infer<typeof pairingAnswer>;

/** Sign of life, every 10 s. */
export const heartbeat = z.object({
  v: z.literal(1),
  host: slug,
  at: instant,
  version: z.string(),
  /** Revision of the desired state in force. */
  revision: z.number().int(),
  activeRun: z.string().nullable(),
  /** Every run that is up, in the order in which they came; `waits` = has not begun. */
  runs: z.array(z.object({ id: z.string(), waits: z.boolean() })).default([]),
  spool: z.object({ totalBytes: z.number(), freeBytes: z.number() }).nullable(),
  /** Result of the last connection to each database server. */
  servers: z.array(z.object({ name: slug, ok: z.boolean(), version: z.string().optional(), problem: z.string().optional() })),
  /** Servers whose binary logs are archived: from when to when each can be brought back. */
  recovery: z.array(recoveryReport).default([]),
});
export type Heartbeat = z.infer<typeof heartbeat>;

/** A sign of life as it lies in Redis: signed by the worker, so that nobody else with a way to Redis can speak for a host. */
export const heartbeatEnvelope = z.strictObject({
  v: z.literal(1),
  host: slug,
  /** Canonical JSON of a Heartbeat. */
  heartbeat: z.string(),
  /** Ed25519 over `heartbeat`, a line feed and that text, base64. */
  signature: z.string(),
});
export type HeartbeatEnvelope = z.infer<typeof heartbeatEnvelope>;
