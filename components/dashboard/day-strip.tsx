import { useTranslations } from "next-intl";
import type { DayCount } from "#lib/contract/views/status.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Card } from "../ui/card.tsx";
import { classes } from "../ui/classes.ts";
import { Link } from "../ui/link.tsx";

type Mark = "ok" | "warning" | "failed" | "other" | "none";

/** Thirty days of runs, one square each; the sign inside differs, not only the colour. A tap lists the day's runs. */
export function DayStrip({ days }: { readonly days: readonly DayCount[] }) {
  const t = useTranslations("dashboard");
  const format = useFormats();
  const words = { ok: t("dayOk"), warning: t("dayWarning"), failed: t("dayFailed"), other: t("dayOther"), none: t("dayNone") };
  const present = new Set(days.map(markOf));
  return (
    <Card title={t("days")}>
      <ol className="grid grid-cols-10 gap-1 md:grid-cols-[repeat(30,minmax(0,1fr))]">
        {days.map((day) => {
          const mark = markOf(day);
          const line = mark === "none" ? `${format.day(`${day.day}T12:00:00Z`)}: ${words.none}` : t("dayLine", { ...day, day: format.day(`${day.day}T12:00:00Z`) });
          return (
            <li key={day.day}>
              <Link href={`/activity?when=range&from=${day.day}&to=${day.day}`} title={line} aria-label={line} className={classes("flex h-11 items-center justify-center rounded-[4px] border text-xs font-bold no-underline md:h-9", LOOK[mark].box)}>
                <span aria-hidden>{LOOK[mark].sign}</span>
              </Link>
            </li>
          );
        })}
      </ol>
      <ul className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
        {(["ok", "warning", "failed", "other", "none"] as const).filter((mark) => present.has(mark)).map((mark) => (
          <li key={mark} className="inline-flex items-center gap-1.5">
            <span aria-hidden className={classes("inline-flex size-4 items-center justify-center rounded-[3px] border text-[10px] leading-none font-bold", LOOK[mark].box)}>{LOOK[mark].sign}</span>
            {words[mark]}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function markOf(day: DayCount): Mark {
  if (day.failed > 0) return "failed";
  if (day.warning > 0) return "warning";
  if (day.completed > 0) return "ok";
  return day.other > 0 ? "other" : "none";
}

const LOOK: Record<Mark, { box: string; sign: string }> = {
  ok: { box: "bg-ok-tint text-ok-fg border-ok-strong/50", sign: "✓" },
  warning: { box: "bg-warn-fill text-warn-on-fill border-transparent", sign: "!" },
  failed: { box: "bg-danger-fill text-danger-on-fill border-transparent", sign: "✕" },
  other: { box: "bg-sunken text-ink border-input-line", sign: "–" },
  none: { box: "bg-transparent text-muted border-dashed border-line", sign: "" },
};
