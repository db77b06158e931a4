"use client";
import { useEffect, useState } from "react";
import { useFormats } from "#lib/i18n/formats.ts";

/** `3 ore fa`, kept true while the page stays open. */
export function TimeAgo({ at }: { readonly at: string }) {
  const format = useFormats();
  const now = useNow(at);
  return <time dateTime={at} title={format.instant(at)} suppressHydrationWarning>{format.relative(at, now)}</time>;
}

/** How old something is, as a duration: `1 g 22 h`. */
export function Age({ since }: { readonly since: string }) {
  const format = useFormats();
  const now = useNow(since);
  return <time dateTime={since} title={format.instant(since)} suppressHydrationWarning>{format.duration(Math.max(1, Math.round((now - Date.parse(since)) / 1000)))}</time>;
}

/** The present, renewed more often while the instant is young. */
function useNow(at: string): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    setNow(Date.now());
    const young = Date.now() - Date.parse(at) < 120_000;
    const timer = setInterval(() => setNow(Date.now()), young ? 5_000 : 30_000);
    return () => clearInterval(timer);
  }, [at]);
  return now;
}
