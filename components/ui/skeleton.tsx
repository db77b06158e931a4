import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { classes } from "./classes.ts";

/** One grey block in the shape of what will stand there; give it height and width by class. */
export function Skeleton({ className }: { readonly className?: string }) {
  return <div className={classes("skeleton-block", className ?? "h-4 w-full")} />;
}

/** Wraps a page's skeleton: appears after 200 ms, tells screen readers. */
export function Loading({ children }: { readonly children: ReactNode }) {
  const t = useTranslations("ui");
  return (
    <div className="skeleton-delay" role="status">
      <span className="sr-only">{t("loading")}</span>
      <div aria-hidden>{children}</div>
    </div>
  );
}

/** Skeleton of a title and a list, for most pages. */
export function ListLoading({ rows = 8 }: { readonly rows?: number }) {
  return (
    <Loading>
      <Skeleton className="mb-6 h-8 w-48" />
      <div className="rounded-md border border-line bg-surface p-4">
        {Array.from({ length: rows }, (_, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: all alike, never reordered
          <div key={row} className="flex items-center gap-4 border-b border-line py-4 last:border-0">
            <Skeleton className="h-5 w-24" />
            <Skeleton className="h-5 flex-1" />
            <Skeleton className="h-5 w-16 max-md:hidden" />
          </div>
        ))}
      </div>
    </Loading>
  );
}
