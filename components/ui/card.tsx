import type { ReactNode } from "react";
import { classes } from "./classes.ts";

interface CardProps {
  readonly title?: ReactNode;
  /** Right of the title: a status, a link, a button. */
  readonly aside?: ReactNode;
  readonly className?: string;
  /** No inner padding: tables and lists that reach the border. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}

/** A panel on the page's ground. */
export function Card({ title, aside, className, flush = false, children }: CardProps) {
  return (
    <section className={classes("min-w-0 rounded-md border border-line bg-surface", className)}>
      {title != null || aside != null ? (
        <header className="flex min-h-12 flex-wrap items-center justify-between gap-x-4 gap-y-1 px-4 pt-3 md:px-5">
          <h2 className="min-w-0 flex-1 basis-42 text-base wrap-anywhere">{title}</h2>
          {aside}
        </header>
      ) : null}
      <div className={flush ? "pt-2" : "px-4 py-4 md:px-5"}>{children}</div>
    </section>
  );
}
