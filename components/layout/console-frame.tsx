import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { Role } from "#lib/domain/access/permissions.ts";
import { BottomBar } from "./bottom-bar.tsx";
import { Sidebar } from "./sidebar.tsx";

interface ConsoleFrameProps {
  readonly role: Role;
  /** Left and right half of the header. */
  readonly left: ReactNode;
  readonly right: ReactNode;
  readonly children: ReactNode;
}

/** Sidebar or bottom bar, header, content. */
export function ConsoleFrame({ role, left, right, children }: ConsoleFrameProps) {
  const t = useTranslations("shell");
  return (
    <div className="flex min-h-dvh">
      <a href="#content" className="sr-only z-50 rounded-sm bg-ink text-ink-inverse focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:px-4 focus:py-3">{t("skip")}</a>
      <Sidebar role={role} />
      <div className="flex min-w-0 flex-1 flex-col">
        <header className="sticky top-0 z-20 flex h-14 items-center justify-between gap-2 border-b border-line bg-surface px-3 md:px-6 print:hidden">
          <div className="flex min-w-0 items-center gap-2">{left}</div>
          <div className="flex shrink-0 items-center gap-1 md:gap-3">{right}</div>
        </header>
        <main id="content" tabIndex={-1} className="mx-auto w-full max-w-7xl flex-1 px-3 pt-4 pb-28 outline-none md:px-6 md:pt-6 md:pb-10">{children}</main>
      </div>
      <BottomBar role={role} />
    </div>
  );
}
