import type { UserRow } from "#lib/contract/views/people.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Clock } from "#lib/platform/clock.ts";
import { appendAudit } from "#lib/store/audit/append-audit.ts";
import { type Database, transaction } from "#lib/store/open-database.ts";
import { userRow } from "#lib/store/user/user-row.ts";
import { parseInput } from "../parse-input.ts";
import { type CreateUserInput, createUserInput } from "./create-user.ts";
import { hashPassword } from "./password.ts";

/**
 * The DBA that a new console begins with: the only verb without an actor, and only while there is no user at all.
 * @throws Fault FORBIDDEN once there is one
 */
export async function createFirstUser({ db, clock }: { db: Database; clock: Clock }, input: Omit<CreateUserInput, "role">): Promise<UserRow> {
  const { password, ...fields } = parseInput(createUserInput, { ...input, role: "dba" });
  const passwordHash = await hashPassword(password);
  return transaction(db, async (tx) => {
    await tx.$executeRaw`LOCK TABLE "User" IN SHARE ROW EXCLUSIVE MODE`;
    if ((await tx.user.count()) > 0) throw new Fault("FORBIDDEN", { params: { action: "user.create-first", roles: "dba" } });
    const user = await tx.user.create({ data: { ...fields, passwordHash } });
    await appendAudit(tx, { at: new Date(clock.now()), actor: "set-up", role: null, address: null, action: "user.create", subject: user.email, outcome: "done", detail: { id: user.id, role: user.role } });
    return userRow(user);
  });
}
