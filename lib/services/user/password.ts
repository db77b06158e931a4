import { hash, verify } from "@node-rs/argon2";
import { z } from "zod";

/** 12 characters at least: length is what counts (NIST SP 800-63B). Longer than 256 is refused, not cut. */
export const newPassword = z.string().min(12, "at least 12 characters").max(256);

/** OWASP's setting for argon2id (the library's default algorithm): 19 MiB, 2 passes, 1 lane. */
const ARGON2 = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 };

export function hashPassword(password: string): Promise<string> {
  return hash(password, ARGON2);
}

/** Made once at random: checking against it takes the time of a real check, so unknown addresses cannot be told by the clock. */
let decoy: Promise<string> | undefined;

export async function passwordFits(passwordHash: string | null, password: string): Promise<boolean> {
  decoy ??= hashPassword(crypto.randomUUID());
  const fits = await verify(passwordHash ?? (await decoy), password).catch(() => false);
  return fits && passwordHash !== null;
}
