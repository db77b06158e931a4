import type { IconDefinition } from "@fortawesome/free-solid-svg-icons";
import type { ReactNode } from "react";
import { classes } from "./classes.ts";
import { Icon } from "./icon.tsx";
import { FILLED, TINTED, type Tone } from "./tone.ts";

interface BadgeProps {
  readonly tone?: Tone;
  /** Loud: solid fill. */
  readonly filled?: boolean;
  readonly icon?: IconDefinition;
  readonly title?: string;
  readonly turning?: boolean;
  readonly children: ReactNode;
}

/** A small word with an icon; colour alone never carries the meaning. */
export function Badge({ tone = "neutral", filled = false, icon, title, turning = false, children }: BadgeProps) {
  return (
    <span
      title={title}
      className={classes(
        "inline-flex max-w-full items-center gap-1.5 whitespace-nowrap rounded-full border px-2.5 py-0.5 text-sm font-medium",
        (filled ? FILLED : TINTED)[tone],
      )}
    >
      {icon ? <Icon icon={icon} className={turning ? "turning" : ""} /> : null}
      <span className="truncate">{children}</span>
    </span>
  );
}
