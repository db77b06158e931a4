"use client";
import { useEffect, useState } from "react";
import { useFormats } from "#lib/i18n/formats.ts";

/** Time since an instant, counting. */
export function Elapsed({ since }: { readonly since: string }) {
  const format = useFormats();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return <span suppressHydrationWarning>{format.duration(Math.max(1, Math.round((now - Date.parse(since)) / 1000)))}</span>;
}
