import { z } from "zod";
import type { UserRow } from "#lib/contract/views/people.ts";
import { ROLES } from "#lib/domain/access/permissions.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { appendAudit } from "#lib/store/audit/append-audit.ts";
import { transaction } from "#lib/store/open-database.ts";
import { userRow } from "#lib/store/user/user-row.ts";
import { auditAs } from "../audit-as.ts";
import type { ServiceContext } from "../context.ts";
import { parseInput } from "../parse-input.ts";
import { permit } from "../permit.ts";
import { hashPassword, newPassword } from "./password.ts";

export const changeUserInput = z.object({
  id: z.uuid(),
  name: z.string().trim().min(1).max(120).optional(),
  role: z.enum(ROLES).optional(),
  locale: z.enum(["it", "en"]).optional(),
  password: newPassword.optional(),
  disabled: z.boolean().optional(),
  /** Lifts a lock-out. */
  unlock: z.boolean().optional(),
});
export type ChangeUserInput = z.input<typeof changeUserInput>;

/**
 * Changes what is given. A new role, password or block ends the user's sessions.
 * @throws Fault INPUT_INVALID (role or disabled) when nobody would be left who may manage users
 */
export async function changeUser(context: ServiceContext, input: ChangeUserInput): Promise<UserRow> {
  await permit(context, "user.manage");
  const { id, password, disabled, unlock, ...fields } = parseInput(changeUserInput, input);
  const now = new Date(context.clock.now());
  const passwordHash = password === undefined ? undefined : await hashPassword(password);
  return transaction(context.db, async (tx) => {
    // all DBAs are locked, so that two of them cannot remove each other at the same moment
    await tx.$executeRaw`SELECT 1 FROM "User" WHERE role = 'dba' FOR UPDATE`;
    const user = await tx.user.findUnique({ where: { id } });
    if (!user) throw new Fault("NOT_FOUND", { params: { kind: "user", id } });
    const losesRole = user.role === "dba" && ((fields.role !== undefined && fields.role !== "dba") || disabled === true);
    if (losesRole && (await tx.user.count({ where: { role: "dba", disabledAt: null, id: { not: id } } })) === 0) {
      throw new Fault("INPUT_INVALID", { params: { fields: disabled ? "disabled" : "role" }, detail: "the last DBA must stay" });
    }
    const endsSessions = (fields.role !== undefined && fields.role !== user.role) || passwordHash !== undefined || disabled === true;
    const changed = await tx.user.update({
      where: { id },
      data: {
        ...(fields.name === undefined ? {} : { name: fields.name }),
        ...(fields.role === undefined ? {} : { role: fields.role }),
        ...(fields.locale === undefined ? {} : { locale: fields.locale }),
        ...(passwordHash === undefined ? {} : { passwordHash }),
        ...(disabled === undefined ? {} : { disabledAt: disabled ? (user.disabledAt ?? now) : null }),
        ...(unlock ? { lockedUntil: null, failedLogins: 0 } : {}),
        ...(endsSessions ? { sessionEpoch: { increment: 1 } } : {}),
      },
    });
    const detail = { id, ...fields, disabled, unlock, passwordChanged: passwordHash !== undefined, sessionsEnded: endsSessions };
    await appendAudit(tx, auditAs(context, { action: "user.change", subject: user.email, detail }));
    return userRow(changed);
  });
}
