import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { TimelineView } from "#lib/contract/views/timeline.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Status } from "../../ui/status.tsx";
import { millisOf } from "./at-instant.ts";

interface TimelineTableProps {
  readonly timeline: TimelineView;
  readonly onChoose: (at: number) => void;
}

interface Row {
  readonly key: string;
  readonly at: number;
  readonly what: ReactNode;
  readonly note: ReactNode;
  readonly pick: boolean;
}

/** The same as a list, newest first: for screen readers and for whoever reads better than they point. */
export function TimelineTable({ timeline, onChoose }: TimelineTableProps) {
  const t = useTranslations("timeline");
  const format = useFormats();
  return (
    <details className="mt-3">
      <summary className="flex min-h-11 items-center text-sm underline underline-offset-2">{t("list")}</summary>
      <section className="max-h-96 overflow-auto" tabIndex={0} aria-label={t("list")}>
        <table className="w-full text-left text-sm">
          <caption className="sr-only">{t("axis", { server: timeline.server })}</caption>
          <thead className="text-muted"><tr><th scope="col" className="py-1 pr-3 font-medium">{t("when")}</th><th scope="col" className="py-1 pr-3 font-medium">{t("what")}</th><th scope="col" className="py-1 font-medium">{t("note")}</th></tr></thead>
          <tbody>
            {rowsOf(timeline, t, format).map(({ key, at, what, note, pick }) => (
              <tr key={key} className="border-t border-line align-baseline">
                <td className="py-1 pr-3">{pick ? <button type="button" className="min-h-11 text-left underline underline-offset-2" onClick={() => onChoose(at)}>{format.instant(at)}</button> : format.instant(at)}</td>
                <td className="py-1 pr-3">{what}</td>
                <td className="py-1">{note}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}

function rowsOf({ points, recovery, events }: TimelineView, t: ReturnType<typeof useTranslations<"timeline">>, format: ReturnType<typeof useFormats>): Row[] {
  const rows: Row[] = [
    ...points.map((point) => ({ key: point.id, at: Date.parse(point.at), what: t(point.kind), note: <Status state={point.level} />, pick: point.level !== "refused" })),
    ...events.map((event) => ({ key: event.runId, at: Date.parse(event.at), what: t(`legend.${event.kind}`), note: <Status state={event.state} />, pick: false })),
    ...(recovery?.bands ?? []).map((band) => ({ key: `band ${band.from}`, at: millisOf(band.to), what: t("legend.band"), note: t("since", { at: format.instant(millisOf(band.from)) }), pick: true })),
    ...(recovery?.gaps ?? []).map((gap) => ({
      key: `gap ${gap.from}`,
      at: millisOf(gap.from),
      what: t("legend.gap"),
      note: <>{t(`reason.${gap.reason}`)} <span className="font-mono text-xs">{gap.about}</span>{gap.to === null ? null : <>, {t("until", { at: format.instant(millisOf(gap.to)) })}</>}</>,
      pick: true,
    })),
  ];
  return rows.sort((one, other) => other.at - one.at);
}
