"use client";
import { faLifeRing } from "@fortawesome/free-solid-svg-icons/faLifeRing";
import { faLock } from "@fortawesome/free-solid-svg-icons/faLock";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import type { Role } from "#lib/domain/access/permissions.ts";
import { classes } from "../ui/classes.ts";
import { Icon } from "../ui/icon.tsx";
import { Logo } from "./logo.tsx";
import { isHere, mayOpen, PLACES } from "./navigation.ts";
import { Link } from "../ui/link.tsx";

/** Navigation of the desktop, 240 px; Emergency pinned at the bottom. */
export function Sidebar({ role }: { readonly role: Role }) {
  const t = useTranslations("shell");
  const path = usePathname();
  return (
    <nav aria-label={t("navigation")} className="sticky top-0 flex h-dvh w-60 shrink-0 flex-col border-r border-line bg-surface max-md:hidden print:hidden">
      <Link href="/dashboard" className="flex h-14 items-center gap-2.5 border-b border-line px-5 no-underline"><Logo /></Link>
      <ul className="flex flex-1 flex-col gap-0.5 overflow-y-auto p-3">
        {PLACES.map((place) => {
          const here = isHere(path, place);
          return (
            <li key={place.key}>
              <Link
                href={place.href}
                aria-current={here ? "page" : undefined}
                className={classes(
                  "flex min-h-11 items-center gap-3 rounded-sm px-3 text-sm no-underline",
                  here ? "bg-ink font-semibold text-ink-inverse" : "text-ink hover:bg-sunken",
                )}
              >
                <Icon icon={place.icon} className="text-base" />
                <span className="flex-1">{t(`nav.${place.key}`)}</span>
                {mayOpen(role, place) ? null : <Icon icon={faLock} className="text-xs opacity-70" />}
              </Link>
            </li>
          );
        })}
      </ul>
      <div className="border-t border-line p-3">
        <Link
          href="/emergency"
          title={t("emergencyHint")}
          className="flex min-h-12 items-center justify-center gap-2 rounded-sm border-2 border-danger-strong font-semibold text-danger-fg no-underline hover:bg-danger-tint"
        >
          <Icon icon={faLifeRing} />
          {t("emergency")}
        </Link>
      </div>
    </nav>
  );
}
