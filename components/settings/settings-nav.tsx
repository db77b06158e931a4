"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { SECTIONS } from "./form-values.ts";

/** The parts of the settings; scrolls by itself on a phone. */
export function SettingsNav() {
  const t = useTranslations("settings");
  const path = usePathname();
  const parts = [{ key: "hosts" as const, href: "/settings" }, ...SECTIONS.map((key) => ({ key, href: `/settings/${key}` }))];
  return (
    <nav aria-label={t("title")} className="mb-5 flex overflow-x-auto border-b border-line">
      {parts.map(({ key, href }) => {
        const here = key === "hosts" ? path === "/settings" : path.startsWith(href);
        return <Link key={key} href={href} aria-current={here ? "page" : undefined} className="inline-flex min-h-11 shrink-0 items-center border-b-2 border-transparent px-4 text-sm font-medium text-muted no-underline -outline-offset-2 aria-[current]:border-ink aria-[current]:text-ink">{t(`section.${key}`)}</Link>;
      })}
    </nav>
  );
}
