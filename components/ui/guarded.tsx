import { faLock } from "@fortawesome/free-solid-svg-icons/faLock";
import { useTranslations } from "next-intl";
import { type ReactNode, useId } from "react";
import { type Action, allowedRoles, isAllowed, type Role, seesEnvironment } from "#lib/domain/access/permissions.ts";
import { Button, type ButtonLook } from "./button.tsx";
import { Icon } from "./icon.tsx";

interface GuardedProps {
  readonly role: Role;
  readonly action: Action;
  /** Environment of the server that would be touched. */
  readonly environment?: string | null;
  /** What stands on the disabled button. */
  readonly label: ReactNode;
  readonly look?: ButtonLook;
  readonly wide?: boolean;
  /** The working control, shown only to who may use it. */
  readonly children: ReactNode;
}

/**
 * Shows the control to who may use it; to everyone else the same label disabled, with the reason and whom to ask.
 * The service refuses as well: this is only courtesy.
 */
export function Guarded({ role, action, environment, label, look = "secondary", wide = false, children }: GuardedProps) {
  const t = useTranslations("ui");
  const reasonId = useId();
  if (isAllowed(role, action, environment)) return children;
  const roles = allowedRoles(action).map((name) => t(`role.${name}`)).join(", ");
  const hidden = environment != null && !seesEnvironment(role, environment);
  return (
    <span className={wide ? "flex w-full flex-col gap-1" : "inline-flex max-w-full flex-col gap-1"}>
      <Button look={look} wide={wide} aria-disabled aria-describedby={reasonId} icon={faLock}>{label}</Button>
      <span id={reasonId} className="text-xs text-muted">
        <Icon icon={faLock} className="sr-only" />
        {hidden ? `${t("environmentHidden")} ` : `${t("forbidden", { roles })} `}
        {t("askOneOf")}
      </span>
    </span>
  );
}
