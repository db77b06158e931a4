import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign, verify } from "node:crypto";
import { type RunEvent, runEvent } from "#lib/contract/events.ts";
import { type EventEnvelope, eventEnvelope, type JobEnvelope, jobEnvelope } from "#lib/contract/jobs/envelope.ts";
import { type Heartbeat, heartbeat, type HeartbeatEnvelope, heartbeatEnvelope } from "#lib/contract/pairing.ts";
import { canonicalJson } from "#lib/contract/manifest/canonical.ts";
import { Fault } from "#lib/domain/fault/fault.ts";

/** An Ed25519 key pair. `publicKey` is the raw 32 bytes, base64: the form that travels in contracts. */
export interface SigningKey {
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

/** A clock of worker and console may differ by this much, milliseconds. */
export const CLOCK_TOLERANCE_MS = 60_000;

/** Before the text of a heartbeat when it is signed: no event can be passed off as one. */
const HEARTBEAT_MARK = "heartbeat\n";

/** DER head of a SubjectPublicKeyInfo that holds a raw Ed25519 key (RFC 8410). */
const SPKI_HEAD = Buffer.from("302a300506032b6570032100", "hex");

export function newSigningKey(): SigningKey {
  return fromPrivate(generateKeyPairSync("ed25519").privateKey);
}

/** Reads a PKCS #8 PEM. Keep such files 0600. */
export function signingKeyFromPem(pem: string): SigningKey {
  return fromPrivate(createPrivateKey(pem));
}

export function signingKeyToPem(key: SigningKey): string {
  return key.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** Ed25519 over the UTF-8 text, base64. */
export function signText(key: SigningKey, text: string): string {
  return sign(null, Buffer.from(text, "utf8"), key.privateKey).toString("base64");
}

/** False for a wrong signature and for keys or signatures that are no such thing; never throws. */
export function verifyText(publicKey: string, text: string, signature: string): boolean {
  try {
    const raw = Buffer.from(publicKey, "base64");
    if (raw.length !== 32) return false;
    const key = createPublicKey({ key: Buffer.concat([SPKI_HEAD, raw]), format: "der", type: "spki" });
    return verify(null, Buffer.from(text, "utf8"), key, Buffer.from(signature, "base64"));
  } catch {
    return false;
  }
}

export interface JobToSign {
  readonly host: string;
  readonly name: string;
  readonly payload: unknown;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly validSeconds: number;
}

/** The console signs a job for one host. */
export function signJob(key: SigningKey, job: JobToSign): JobEnvelope {
  const unsigned: Omit<JobEnvelope, "signature"> = {
    v: 1,
    host: job.host,
    name: job.name,
    payload: canonicalJson(job.payload),
    issuedAt: new Date(job.now).toISOString(),
    expiresAt: new Date(job.now + job.validSeconds * 1000).toISOString(),
    nonce: randomBytes(16).toString("hex"),
  };
  return { ...unsigned, signature: signText(key, canonicalJson(unsigned)) };
}

export interface JobCheck {
  /** The paired console's raw public key, base64. */
  readonly consoleKey: string;
  readonly host: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /**
   * True when the nonce was taken before; otherwise remembers it until `expiresAt` (milliseconds) and gives false.
   * Asked last, so that a refused job never uses up a nonce.
   */
  readonly seenNonce: (nonce: string, expiresAt: number) => boolean | Promise<boolean>;
}

/**
 * The worker's gate: gives name and payload (parsed JSON, not yet checked against the job's schema).
 * @throws Fault JOB_REFUSED when malformed, unsigned, signed by another, for another host, from the future, stale or replayed
 */
export async function verifyJob(envelope: unknown, check: JobCheck): Promise<{ name: string; payload: unknown }> {
  const parsed = jobEnvelope.safeParse(envelope);
  if (!parsed.success) throw refused("malformed envelope");
  const { signature, ...unsigned } = parsed.data;
  if (!verifyText(check.consoleKey, canonicalJson(unsigned), signature)) throw refused("signature is not the console's");
  if (unsigned.host !== check.host) throw refused(`meant for host ${unsigned.host}`);
  const expiresAt = Date.parse(unsigned.expiresAt);
  if (Date.parse(unsigned.issuedAt) > check.now + CLOCK_TOLERANCE_MS) throw refused(`issued in the future (${unsigned.issuedAt})`);
  if (expiresAt < check.now) throw refused(`expired at ${unsigned.expiresAt}`);
  if (await check.seenNonce(unsigned.nonce, expiresAt)) throw refused("seen before");
  return { name: unsigned.name, payload: readJson(unsigned.payload) };
}

/** The worker signs one line of a run's journal. */
export function signEvent(key: SigningKey, event: RunEvent): EventEnvelope {
  const text = canonicalJson(event);
  return { v: 1, host: event.host, event: text, signature: signText(key, text) };
}

/**
 * The console's gate for events.
 * @param signingKey raw public key of the paired host that the envelope names, base64
 * @throws Fault JOB_REFUSED when malformed, not signed by that host, or about another host
 */
export function verifyEvent(envelope: unknown, signingKey: string): RunEvent {
  const parsed = eventEnvelope.safeParse(envelope);
  if (!parsed.success) throw refused("malformed event envelope");
  if (!verifyText(signingKey, parsed.data.event, parsed.data.signature)) throw refused(`event is not signed by host ${parsed.data.host}`);
  const event = runEvent.safeParse(readJson(parsed.data.event));
  if (!event.success) throw refused(`malformed event from ${parsed.data.host}`);
  if (event.data.host !== parsed.data.host) throw refused(`event of host ${event.data.host} in an envelope of ${parsed.data.host}`);
  return event.data;
}

/** The worker signs a sign of life. */
export function signHeartbeat(key: SigningKey, beat: Heartbeat): HeartbeatEnvelope {
  const text = canonicalJson(beat);
  return { v: 1, host: beat.host, heartbeat: text, signature: signText(key, HEARTBEAT_MARK + text) };
}

/**
 * The console's gate for signs of life.
 * @param host whose key `signingKey` (raw, base64) is
 * @throws Fault JOB_REFUSED when malformed, not signed by that host, or about another host
 */
export function verifyHeartbeat(envelope: unknown, host: string, signingKey: string): Heartbeat {
  const parsed = heartbeatEnvelope.safeParse(envelope);
  if (!parsed.success) throw refused(`malformed heartbeat of host ${host}`);
  if (!verifyText(signingKey, HEARTBEAT_MARK + parsed.data.heartbeat, parsed.data.signature)) throw refused(`heartbeat is not signed by host ${host}`);
  const beat = heartbeat.safeParse(readJson(parsed.data.heartbeat));
  if (!beat.success) throw refused(`malformed heartbeat of host ${host}`);
  if (beat.data.host !== host || parsed.data.host !== host) throw refused(`heartbeat of host ${beat.data.host} in the place of ${host}`);
  return beat.data;
}

function fromPrivate(privateKey: KeyObject): SigningKey {
  const der = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  return { privateKey, publicKey: der.subarray(SPKI_HEAD.length).toString("base64") };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused(message: string): Fault {
  return new Fault("JOB_REFUSED", { params: { message } });
}
