"use client";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { useFormats } from "#lib/i18n/formats.ts";

/** The hour in the console's zone and in UTC. `now` is the server's, so that the first picture is true. */
export function Clock({ now }: { readonly now: number }) {
  const t = useTranslations("shell");
  const format = useFormats();
  const [at, setAt] = useState(now);
  useEffect(() => {
    setAt(Date.now());
    const timer = setInterval(() => setAt(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span className="tabular flex flex-col text-right text-xs leading-4 whitespace-nowrap" role="timer" aria-live="off" suppressHydrationWarning>
      <span title={t("local")}>{format.clock(at)}</span>
      <span title={t("utc")} className="text-muted">{new Date(at).toISOString().slice(11, 19)} UTC</span>
    </span>
  );
}
