"use server";
import type { UserValues } from "#components/people/user-form.tsx";
import { changeUser } from "#lib/services/user/change-user.ts";
import { createUser } from "#lib/services/user/create-user.ts";
import { attempt } from "../../attempt.ts";

export async function createUserAction({ email, name, role, password }: UserValues) {
  return attempt((context) => createUser(context, { email, name, role, password }));
}

export async function changeUserAction(id: string, { name, role, password, disabled, unlock }: UserValues) {
  return attempt((context) => changeUser(context, { id, name, role, disabled, unlock, ...(password ? { password } : {}) }));
}
