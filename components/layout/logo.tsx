import { useTranslations } from "next-intl";

/** The lifebuoy and the name. */
export function Logo() {
  const t = useTranslations("shell");
  return (
    <>
      <svg viewBox="0 0 32 32" className="size-7 shrink-0" aria-hidden="true">
        <circle cx="16" cy="16" r="10.5" fill="none" stroke="var(--ink)" strokeWidth="8" />
        <circle cx="16" cy="16" r="10.5" fill="none" stroke="var(--danger-fill)" strokeWidth="8" strokeDasharray="8.25 8.25" strokeDashoffset="4.12" />
      </svg>
      <span className="text-lg font-bold tracking-tight">{t("product")}</span>
    </>
  );
}
