import type { IconDefinition } from "@fortawesome/free-solid-svg-icons";
import { faCircleCheck } from "@fortawesome/free-solid-svg-icons/faCircleCheck";
import { faCircleQuestion } from "@fortawesome/free-solid-svg-icons/faCircleQuestion";
import { faCircleXmark } from "@fortawesome/free-solid-svg-icons/faCircleXmark";
import { faTriangleExclamation } from "@fortawesome/free-solid-svg-icons/faTriangleExclamation";
import { useTranslations } from "next-intl";
import { classes } from "../ui/classes.ts";
import { Icon } from "../ui/icon.tsx";
import { Link } from "../ui/link.tsx";
import { INKED, type Tone } from "../ui/tone.ts";

export type Health = "ok" | "warn" | "danger" | "unknown";

/** All services in one sign; leads to where they are listed. */
export function HealthLink({ health }: { readonly health: Health }) {
  const t = useTranslations("shell");
  const { icon, tone } = LOOK[health];
  return (
    <Link href="/dashboard#services" title={t(`health.${health}`)} className="flex min-h-11 min-w-11 items-center justify-center gap-2 rounded-sm px-2 text-sm no-underline hover:bg-sunken">
      <Icon icon={icon} className={classes("text-base", INKED[tone])} label={t(`health.${health}`)} />
      <span aria-hidden className="max-xl:hidden">{t(`health.${health}`)}</span>
    </Link>
  );
}

const LOOK: Record<Health, { icon: IconDefinition; tone: Tone }> = {
  ok: { icon: faCircleCheck, tone: "ok" },
  warn: { icon: faTriangleExclamation, tone: "warn" },
  danger: { icon: faCircleXmark, tone: "danger" },
  unknown: { icon: faCircleQuestion, tone: "warn" },
};
