"use client";
import { faBars } from "@fortawesome/free-solid-svg-icons/faBars";
import { faLifeRing } from "@fortawesome/free-solid-svg-icons/faLifeRing";
import { faLock } from "@fortawesome/free-solid-svg-icons/faLock";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import type { Role } from "#lib/domain/access/permissions.ts";
import { classes } from "../ui/classes.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { isHere, mayOpen, PLACES, type Place } from "./navigation.ts";
import { Link } from "../ui/link.tsx";

const TAB = "flex min-h-14 min-w-0 flex-1 flex-col items-center justify-center gap-0.5 text-xs tracking-tight no-underline";

/** Navigation of the phone: Status, Backups, Emergency, Activity, More. */
export function BottomBar({ role }: { readonly role: Role }) {
  const t = useTranslations("shell");
  const path = usePathname();
  const [open, setOpen] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: arriving somewhere closes the sheet
  useEffect(() => setOpen(false), [path]);
  const rest = PLACES.filter((place) => !["dashboard", "backups", "activity"].includes(place.key));
  const tab = (key: Place["key"]) => {
    const place = PLACES.find((entry) => entry.key === key);
    if (!place) return null;
    const here = isHere(path, place);
    return (
      <Link href={place.href} aria-current={here ? "page" : undefined} className={classes(TAB, here ? "font-semibold text-ink" : "text-muted")}>
        <span className={classes("flex h-7 w-12 items-center justify-center rounded-full text-base", here && "bg-ink text-ink-inverse")}><Icon icon={place.icon} /></span>
        <span className="max-w-full truncate">{t(`nav.${key}`)}</span>
      </Link>
    );
  };
  return (
    <nav aria-label={t("navigation")} className="fixed inset-x-0 bottom-0 z-30 flex items-end border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden print:hidden">
      {tab("dashboard")}
      {tab("backups")}
      <Link href="/emergency" className={classes(TAB, "font-semibold text-danger-fg")}>
        <span className="-mt-5 flex size-12 items-center justify-center rounded-full bg-danger-fill text-lg text-danger-on-fill ring-4 ring-surface"><Icon icon={faLifeRing} /></span>
        <span className="max-w-full truncate">{t("emergency")}</span>
      </Link>
      {tab("activity")}
      <Dialog
        kind="sheet"
        open={open}
        onOpenChange={setOpen}
        title={t("more")}
        trigger={
          <button type="button" className={classes(TAB, rest.some((place) => isHere(path, place)) ? "font-semibold text-ink" : "text-muted")}>
            <span className="flex h-7 w-12 items-center justify-center text-base"><Icon icon={faBars} /></span>
            {t("more")}
          </button>
        }
      >
        <ul className="flex flex-col">
          {rest.map((place) => (
            <li key={place.key}>
              <Link href={place.href} aria-current={isHere(path, place) ? "page" : undefined} className="flex min-h-12 items-center gap-3 rounded-sm px-2 no-underline aria-[current]:font-semibold">
                <Icon icon={place.icon} />
                <span className="flex-1">{t(`nav.${place.key}`)}</span>
                {mayOpen(role, place) ? null : <Icon icon={faLock} className="text-sm text-muted" />}
              </Link>
            </li>
          ))}
        </ul>
      </Dialog>
    </nav>
  );
}
