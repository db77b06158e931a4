import { z } from "zod";
import type { Role } from "#lib/domain/access/permissions.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Clock } from "#lib/platform/clock.ts";
import { appendAudit } from "#lib/store/audit/append-audit.ts";
import { type Database, type Transaction, transaction } from "#lib/store/open-database.ts";
import { emailAddress } from "./create-user.ts";
import { passwordFits } from "./password.ts";

/** So many wrong passwords in a row lock the account for so long. */
const FREE_FAILURES = 5;
const LOCK_MINUTES = 15;
/** So many refused attempts from one address within that time, whatever accounts they name, refuse the next ones too. An office behind one address makes fewer. */
const FREE_REFUSALS = 20;

const ADDRESS_LOCKED = "too many attempts from this address";

export const signInInput = z.object({ email: emailAddress, password: z.string().min(1).max(256), address: z.string().max(100).nullable().default(null) });

export interface SignedIn {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly locale: string;
  readonly sessionEpoch: number;
}

/**
 * Checks e-mail and password. Wrong, unknown, blocked and locked look alike from outside and take the same time.
 * @throws Fault SIGN_IN_REFUSED
 */
export async function signIn({ db, clock }: { db: Database; clock: Clock }, input: z.input<typeof signInInput>): Promise<SignedIn> {
  const refused = new Fault("SIGN_IN_REFUSED", { params: { minutes: LOCK_MINUTES } });
  const parsed = signInInput.safeParse(input);
  if (!parsed.success) throw refused;
  const { email, password, address } = parsed.data;
  const known = await db.user.findUnique({ where: { email } });
  const fits = await passwordFits(known?.passwordHash ?? null, password);
  const now = new Date(clock.now());
  const user = await transaction(db, async (tx) => {
    const refuse = async (reason: string) => {
      await appendAudit(tx, { at: now, actor: email, role: known?.role ?? null, address, action: "user.sign-in", subject: email, outcome: "refused", detail: { reason } });
      return null;
    };
    if (await isAddressLocked(tx, address, now)) return refuse(ADDRESS_LOCKED);
    if (!known) return refuse("unknown address");
    // counted in the row's lock: parallel guesses cannot share one attempt
    await tx.$executeRaw`SELECT 1 FROM "User" WHERE email = ${email} FOR UPDATE`;
    const current = await tx.user.findUniqueOrThrow({ where: { email } });
    if (current.disabledAt) return refuse("blocked");
    if (current.lockedUntil && current.lockedUntil > now) return refuse("locked");
    if (!fits) {
      const failedLogins = current.failedLogins + 1;
      const locks = failedLogins >= FREE_FAILURES;
      await tx.user.update({ where: { email }, data: { failedLogins: locks ? 0 : failedLogins, lockedUntil: locks ? new Date(now.getTime() + LOCK_MINUTES * 60_000) : null } });
      return refuse(locks ? "wrong password; locked now" : "wrong password");
    }
    const updated = await tx.user.update({ where: { email }, data: { failedLogins: 0, lockedUntil: null, lastLoginAt: now } });
    await appendAudit(tx, { at: now, actor: email, role: current.role, address, action: "user.sign-in", subject: email, outcome: "done", detail: {} });
    return updated;
  });
  if (!user) throw refused;
  return { id: user.id, email: user.email, name: user.name, role: user.role, locale: user.locale, sessionEpoch: user.sessionEpoch };
}

/** By the trail itself. Attempts refused for this reason do not count: who stops guessing gets in again. The machine's own address names nobody: a proxy on it, that tells no client. */
async function isAddressLocked(tx: Transaction, address: string | null, now: Date): Promise<boolean> {
  if (address === null || isLoopback(address)) return false;
  const since = new Date(now.getTime() - LOCK_MINUTES * 60_000);
  const refusals = await tx.auditEntry.count({ where: { at: { gt: since }, action: "user.sign-in", outcome: "refused", address, NOT: { detail: { path: ["reason"], equals: ADDRESS_LOCKED } } } });
  return refusals >= FREE_REFUSALS;
}

function isLoopback(address: string): boolean {
  return address === "::1" || /^(?:::ffff:)?127\./.test(address);
}

/** The user behind a session, as of now; null when the session was ended, or the user blocked or removed. Call on every request. */
export async function checkSession(db: Database, session: { id: string; sessionEpoch: number }): Promise<SignedIn | null> {
  if (!z.uuid().safeParse(session.id).success) return null;
  const user = await db.user.findUnique({ where: { id: session.id } });
  if (!user || user.disabledAt || user.sessionEpoch !== session.sessionEpoch) return null;
  return { id: user.id, email: user.email, name: user.name, role: user.role, locale: user.locale, sessionEpoch: user.sessionEpoch };
}
