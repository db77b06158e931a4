import { faChevronDown } from "@fortawesome/free-solid-svg-icons/faChevronDown";
import type { ReactNode } from "react";
import { classes } from "./classes.ts";
import { Icon } from "./icon.tsx";

interface DisclosureProps {
  readonly title: ReactNode;
  /** What is inside, under the title. */
  readonly hint?: ReactNode;
  readonly open?: boolean;
  readonly onToggle?: (open: boolean) => void;
  /** Of what is inside; tables reach the border. */
  readonly className?: string;
  readonly children: ReactNode;
}

/** A framed part that is opened where it is wanted; an arrow says so. */
export function Disclosure({ title, hint, open = false, onToggle, className, children }: DisclosureProps) {
  return (
    <details open={open} {...(onToggle ? { onToggle: (event) => onToggle(event.currentTarget.open) } : {})} className="group rounded-sm border border-line">
      <summary className="flex min-h-11 items-center justify-between gap-3 px-3 py-2">
        <span className="min-w-0">
          <span className="flex flex-wrap items-center gap-x-4 gap-y-1 font-medium">{title}</span>
          {hint != null ? <span className="block text-sm font-normal text-muted">{hint}</span> : null}
        </span>
        <Icon icon={faChevronDown} className="text-muted transition-transform duration-150 group-open:rotate-180" />
      </summary>
      <div className={classes("border-t border-line", className)}>{children}</div>
    </details>
  );
}
