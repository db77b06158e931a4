import type { IconDefinition } from "@fortawesome/free-solid-svg-icons";
import { faBoxArchive } from "@fortawesome/free-solid-svg-icons/faBoxArchive";
import { faClockRotateLeft } from "@fortawesome/free-solid-svg-icons/faClockRotateLeft";
import { faGaugeHigh } from "@fortawesome/free-solid-svg-icons/faGaugeHigh";
import { faGear } from "@fortawesome/free-solid-svg-icons/faGear";
import { faListCheck } from "@fortawesome/free-solid-svg-icons/faListCheck";
import { faListUl } from "@fortawesome/free-solid-svg-icons/faListUl";
import { faUsers } from "@fortawesome/free-solid-svg-icons/faUsers";
import { type Action, isAllowed, type Role } from "#lib/domain/access/permissions.ts";

export interface Place {
  readonly key: "dashboard" | "recovery" | "backups" | "activity" | "users" | "audit" | "settings";
  readonly href: string;
  readonly icon: IconDefinition;
  readonly needs: Action;
}

/** Every page of the console, in the order of the sidebar. */
export const PLACES: readonly Place[] = [
  { key: "dashboard", href: "/dashboard", icon: faGaugeHigh, needs: "status.view" },
  { key: "recovery", href: "/recovery", icon: faClockRotateLeft, needs: "run.view" },
  { key: "backups", href: "/backups", icon: faBoxArchive, needs: "status.view" },
  { key: "activity", href: "/activity", icon: faListUl, needs: "run.view" },
  { key: "users", href: "/users", icon: faUsers, needs: "user.manage" },
  { key: "audit", href: "/audit", icon: faListCheck, needs: "audit.view" },
  { key: "settings", href: "/settings", icon: faGear, needs: "settings.view" },
];

/** May the role open the page? Those it may not are shown, locked. */
export function mayOpen(role: Role, place: Place): boolean {
  return isAllowed(role, place.needs);
}

/** Is `path` the place or below it? */
export function isHere(path: string, place: Pick<Place, "href">): boolean {
  return path === place.href || path.startsWith(`${place.href}/`);
}
