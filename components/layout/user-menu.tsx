"use client";
import { faCircleUser } from "@fortawesome/free-solid-svg-icons/faCircleUser";
import { faRightFromBracket } from "@fortawesome/free-solid-svg-icons/faRightFromBracket";
import { useTranslations } from "next-intl";
import type { Role } from "#lib/domain/access/permissions.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Menu, MenuDivider, MenuItem } from "../ui/menu.tsx";
import { PreferenceChoices } from "./preferences.tsx";
import type { Theme } from "./theme.ts";

interface UserMenuProps {
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly theme: Theme;
  readonly onSignOut: () => void;
}

/** Who is signed in, preferences, sign-out. */
export function UserMenu({ name, email, role, theme, onSignOut }: UserMenuProps) {
  const t = useTranslations("shell");
  const words = useTranslations("ui");
  return (
    <Menu
      trigger={
        <Button look="quiet" icon={faCircleUser} aria-label={`${t("account")}: ${name}`} className="min-w-11 max-md:px-0">
          <span className="flex flex-col items-start leading-4 max-md:hidden">
            <span className="max-w-40 truncate">{name}</span>
            <span className="text-xs font-normal text-muted">{words(`role.${role}`)}</span>
          </span>
        </Button>
      }
    >
      <div className="px-3 py-2">
        <p className="font-medium">{name}</p>
        <p className="text-sm text-muted">{email} · {words(`role.${role}`)}</p>
      </div>
      <MenuDivider />
      <PreferenceChoices theme={theme} />
      <MenuDivider />
      <MenuItem onClick={onSignOut}>
        <Icon icon={faRightFromBracket} />
        {t("signOut")}
      </MenuItem>
    </Menu>
  );
}
