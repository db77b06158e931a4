"use client";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { SECTIONS } from "./form-values.ts";
import { Link } from "../ui/link.tsx";

/** The parts of the settings; on a phone in two rows, so that none hides behind an edge. */
export function SettingsNav() {
  const t = useTranslations("settings");
  const path = usePathname();
  const parts = [{ key: "hosts" as const, href: "/settings" }, ...SECTIONS.map((key) => ({ key, href: `/settings/${key}` }))];
  return (
    <nav aria-label={t("title")} className="mb-5 grid grid-cols-3 gap-px overflow-hidden rounded-md border border-line bg-line sm:flex sm:rounded-none sm:border-x-0 sm:border-t-0 sm:bg-transparent">
      {parts.map(({ key, href }) => {
        const here = key === "hosts" ? path === "/settings" : path.startsWith(href);
        return <Link key={key} href={href} aria-current={here ? "page" : undefined} className="inline-flex min-h-11 items-center justify-center bg-surface px-1 text-sm font-medium text-muted no-underline -outline-offset-2 aria-[current]:bg-ink aria-[current]:text-ink-inverse sm:shrink-0 sm:border-b-2 sm:border-transparent sm:bg-transparent sm:px-4 sm:aria-[current]:border-ink sm:aria-[current]:bg-transparent sm:aria-[current]:text-ink">{t(`section.${key}`)}</Link>;
      })}
    </nav>
  );
}
