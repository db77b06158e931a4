"use client";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { nextFires } from "#lib/domain/schedule/next-fires.ts";
import { formatInstant } from "#lib/i18n/format/time.ts";
import { useFormats } from "#lib/i18n/formats.ts";

/** The next three starts of what is being typed, in the schedule's own zone. */
export function NextStarts({ cron, timeZone }: { readonly cron: string; readonly timeZone: string }) {
  const t = useTranslations("settings");
  const { locale } = useFormats();
  // In the browser only: the server's present is another one. Texts are made with the fires, while their zone is known to be one.
  const [fires, setFires] = useState<readonly { readonly at: string; readonly text: string }[] | null>(null);
  useEffect(() => setFires(nextFires(cron, timeZone, Date.now(), 3).map((at) => ({ at, text: formatInstant(at, locale, timeZone) }))), [cron, timeZone, locale]);
  return (
    <output className="block rounded-sm bg-sunken px-3 py-2 text-sm" aria-live="polite">
      {fires?.length === 0 ? <p>{t("neverFires")}</p> : null}
      {fires && fires.length > 0 ? (
        <>
          <p className="font-medium">{t("next")}</p>
          <ol>
            {fires.map(({ at, text }) => <li key={at} className="tabular-nums"><time dateTime={at}>{text}</time></li>)}
          </ol>
        </>
      ) : null}
    </output>
  );
}
