import type { IconDefinition } from "@fortawesome/free-solid-svg-icons";
import { classes } from "./classes.ts";

interface IconProps {
  readonly icon: IconDefinition;
  /** Text for screen readers; absent = decoration beside a word. */
  readonly label?: string;
  readonly className?: string;
}

/** A Font Awesome glyph drawn as plain SVG: works in server components, needs neither script nor injected style. */
export function Icon({ icon, label, className }: IconProps) {
  const [width, height, , , path] = icon.icon;
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: named by aria-label, or hidden as decoration
    <svg
      viewBox={`0 0 ${width} ${height}`}
      className={classes("inline-block h-[1em] w-[1.25em] shrink-0 overflow-visible", className)}
      fill="currentColor"
      {...(label ? { role: "img", "aria-label": label } : { "aria-hidden": true })}
    >
      {(Array.isArray(path) ? path : [path]).map((d) => <path key={d} d={d} />)}
    </svg>
  );
}
