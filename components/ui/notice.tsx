import type { IconDefinition } from "@fortawesome/free-solid-svg-icons";
import { faCircleInfo } from "@fortawesome/free-solid-svg-icons/faCircleInfo";
import { faCircleXmark } from "@fortawesome/free-solid-svg-icons/faCircleXmark";
import { faShieldHalved } from "@fortawesome/free-solid-svg-icons/faShieldHalved";
import { faTriangleExclamation } from "@fortawesome/free-solid-svg-icons/faTriangleExclamation";
import type { ReactNode } from "react";
import { classes } from "./classes.ts";
import { Icon } from "./icon.tsx";
import { INKED, TINTED, type Tone } from "./tone.ts";

interface NoticeProps {
  readonly tone?: Tone;
  readonly icon?: IconDefinition;
  readonly title?: ReactNode;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** A banner on a tint: state of the whole page, stale values, a warning before an act. */
export function Notice({ tone = "info", icon = ICONS[tone], title, children, actions }: NoticeProps) {
  return (
    <div className={classes("flex flex-wrap items-start gap-x-4 gap-y-2 rounded-md border p-4", TINTED[tone])}>
      <Icon icon={icon} className={classes("mt-0.5 text-lg", INKED[tone])} />
      <div className="min-w-0 flex-1 basis-52 text-ink">
        {title != null ? <p className="font-semibold">{title}</p> : null}
        {children != null ? <div className="text-sm">{children}</div> : null}
      </div>
      {actions}
    </div>
  );
}

const ICONS: Record<Tone, IconDefinition> = { neutral: faCircleInfo, info: faCircleInfo, ok: faShieldHalved, warn: faTriangleExclamation, danger: faCircleXmark };
