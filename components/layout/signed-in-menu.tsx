"use client";
import { signOut } from "next-auth/react";
import type { Role } from "#lib/domain/access/permissions.ts";
import type { Theme } from "./theme.ts";
import { UserMenu } from "./user-menu.tsx";

/** User menu whose sign-out ends the session and loads the sign-in page afresh. */
export function SignedInMenu(props: { readonly name: string; readonly email: string; readonly role: Role; readonly theme: Theme }) {
  const leave = async () => {
    await signOut({ redirect: false }).catch(() => undefined);
    window.location.assign("/sign-in");
  };
  return <UserMenu {...props} onSignOut={leave} />;
}
