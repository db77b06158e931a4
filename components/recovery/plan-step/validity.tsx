"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { useFormats } from "#lib/i18n/formats.ts";

/** Countdown to the plan's end; then the page is read again and says so. @param now milliseconds since the epoch, at the server */
export function Validity({ until, now }: { readonly until: string; readonly now: number }) {
  const t = useTranslations("recovery.plan");
  const format = useFormats();
  const router = useRouter();
  const [left, setLeft] = useState(() => Math.max(0, Math.floor((Date.parse(until) - now) / 1000)));
  useEffect(() => {
    const timer = setInterval(() => {
      const rest = Math.max(0, Math.floor((Date.parse(until) - Date.now()) / 1000));
      setLeft(rest);
      if (rest === 0) {
        clearInterval(timer);
        router.refresh();
      }
    }, 1000);
    return () => clearInterval(timer);
  }, [until, router]);
  return <span className="tabular whitespace-nowrap" suppressHydrationWarning>{t("valid", { time: format.duration(Math.max(1, left)) })}</span>;
}
