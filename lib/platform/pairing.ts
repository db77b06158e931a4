import { createHash, createHmac, randomInt, timingSafeEqual } from "node:crypto";
import { canonicalJson } from "#lib/contract/manifest/canonical.ts";
import { type PairingAnswer, type PairingHello, pairingAnswer, pairingHello } from "#lib/contract/pairing.ts";
import { Fault } from "#lib/domain/fault/fault.ts";

/** Crockford's base32: no I, L, O, U. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A fresh code for the worker's terminal, 60 random bits: `7K3Q-0XVB-M2DN`. Made anew for every attempt to pair. */
export function newPairingCode(): string {
  const letters = Array.from({ length: 12 }, () => ALPHABET[randomInt(32)]).join("");
  return letters.replace(/(.{4})(?=.)/g, "$1-");
}

/** SHA-256 over both raw keys, first 16 hex digits in groups of four: `ab12-…`. */
export function keyFingerprint(signingKey: string, boxKey: string): string {
  const digest = createHash("sha256").update(Buffer.from(signingKey, "base64")).update(Buffer.from(boxKey, "base64")).digest("hex");
  return digest.slice(0, 16).replace(/(.{4})(?=.)/g, "$1-");
}

export interface HelloFacts {
  readonly host: string;
  readonly hostname: string;
  readonly signingKey: string;
  readonly boxKey: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What the worker puts into CHANNELS.pairing. */
export function makeHello(facts: HelloFacts, code: string): PairingHello {
  const fields = {
    v: 1 as const,
    host: facts.host,
    hostname: facts.hostname,
    signingKey: facts.signingKey,
    boxKey: facts.boxKey,
    fingerprint: keyFingerprint(facts.signingKey, facts.boxKey),
    at: new Date(facts.now).toISOString(),
  };
  return { ...fields, proof: proofOf("hello", fields, code) };
}

/**
 * The console checks that the hello was made by whoever shows this code.
 * @throws Fault PAIRING_REFUSED when malformed, when the fingerprint does not belong to the keys, or the code differs
 */
export function checkHello(hello: unknown, code: string): PairingHello {
  const parsed = pairingHello.safeParse(hello);
  if (!parsed.success) throw refused("the worker's message is malformed");
  const { proof, ...fields } = parsed.data;
  if (fields.fingerprint !== keyFingerprint(fields.signingKey, fields.boxKey)) throw refused("the fingerprint does not belong to the keys");
  if (!isSame(proof, proofOf("hello", fields, code))) throw refused("the code is not the one the worker shows");
  return parsed.data;
}

/** What the console puts under CHANNELS.pairingAnswer + fingerprint. */
export function makeAnswer(facts: { host: string; consoleKey: string; now: number }, code: string): PairingAnswer {
  const fields = { v: 1 as const, host: facts.host, consoleKey: facts.consoleKey, acceptedAt: new Date(facts.now).toISOString() };
  return { ...fields, proof: proofOf("answer", fields, code) };
}

/**
 * The worker checks that the answer comes from somebody who read its code; only then it trusts `consoleKey`.
 * @throws Fault PAIRING_REFUSED when malformed, for another host, or made without the code
 */
export function checkAnswer(answer: unknown, code: string, host: string): PairingAnswer {
  const parsed = pairingAnswer.safeParse(answer);
  if (!parsed.success) throw refused("the console's answer is malformed");
  const { proof, ...fields } = parsed.data;
  if (fields.host !== host) throw refused(`the answer is for host ${fields.host}`);
  if (!isSame(proof, proofOf("answer", fields, code))) throw refused("the answer was not made with the code");
  return parsed.data;
}

/** The label keeps a hello from being sent back as an answer. Typed codes may be lower case and without dashes. */
function proofOf(label: "hello" | "answer", fields: object, code: string): string {
  const key = code.toUpperCase().replace(/[^0-9A-Z]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  return createHmac("sha256", key).update(`salvagente-pairing-${label}\n${canonicalJson(fields)}`).digest("base64");
}

function isSame(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

function refused(message: string): Fault {
  return new Fault("PAIRING_REFUSED", { params: { message } });
}
