import type { UserRow } from "#lib/contract/views/people.ts";
import { userRow } from "#lib/store/user/user-row.ts";
import type { ServiceContext } from "../context.ts";
import { permit } from "../permit.ts";

/** All users, by e-mail. */
export async function listUsers(context: ServiceContext): Promise<UserRow[]> {
  await permit(context, "user.manage");
  const users = await context.db.user.findMany({ orderBy: { email: "asc" } });
  return users.map(userRow);
}
