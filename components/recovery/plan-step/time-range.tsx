import { useTranslations } from "next-intl";
import { useFormats } from "#lib/i18n/formats.ts";

interface TimeRangeProps {
  /** Seconds, p50 and p90. */
  readonly likely: number;
  readonly slow: number;
}

/** «22 min – 28 min»; once where both read the same. */
export function TimeRange({ likely, slow }: TimeRangeProps) {
  const t = useTranslations("recovery.plan");
  const format = useFormats();
  const [from, to] = [format.duration(likely), format.duration(slow)];
  return from === to ? from : t("range", { from, to });
}
