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

/** Kept in lower case: one person, one address. */
export const emailAddress = z.email().max(254).transform((text) => text.toLowerCase());

export const createUserInput = z.object({
  email: emailAddress,
  name: z.string().trim().min(1).max(120),
  role: z.enum(ROLES),
  locale: z.enum(["it", "en"]).default("it"),
  password: newPassword,
});
export type CreateUserInput = z.input<typeof createUserInput>;

/** @throws Fault INPUT_INVALID (email) when the address is taken */
export async function createUser(context: ServiceContext, input: CreateUserInput): Promise<UserRow> {
  await permit(context, "user.manage");
  const { password, ...fields } = parseInput(createUserInput, input);
  const passwordHash = await hashPassword(password);
  return transaction(context.db, async (tx) => {
    if (await tx.user.findUnique({ where: { email: fields.email } })) throw new Fault("INPUT_INVALID", { params: { fields: "email" }, detail: "email: is taken" });
    const user = await tx.user.create({ data: { ...fields, passwordHash } });
    await appendAudit(tx, auditAs(context, { action: "user.create", subject: user.email, detail: { id: user.id, role: user.role } }));
    return userRow(user);
  });
}
