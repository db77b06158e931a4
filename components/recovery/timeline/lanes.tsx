import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { TimelinePoint, TimelineView } from "#lib/contract/views/timeline.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { FORMAT_TAG, type Locale } from "#lib/i18n/locale.ts";
import { classes } from "../../ui/classes.ts";
import { millisOf } from "./at-instant.ts";
import { clockChanges, position, ticks, type View } from "./scale.ts";

/** A mark that a danger list adds to the events. */
export interface DangerMark {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
}

interface LanesProps {
  readonly view: View;
  readonly timeline: TimelineView;
  readonly dangers: readonly DangerMark[];
  /** Chosen instant, milliseconds. */
  readonly cursor: number;
  readonly most: number;
}

/** Points, reachable stretches and events over one axis. Only drawn: keys, fingers and the list stand in timeline.tsx. */
export function Lanes({ view, timeline, dangers, cursor, most }: LanesProps) {
  const t = useTranslations("timeline");
  const format = useFormats();
  const { points, recovery, events } = timeline;
  const seen = (at: number): boolean => at >= view.from && at <= view.to;
  const span = view.to - view.from;
  return (
    <div className="relative">
      <Lane label={t("points")}>
        {points.filter((point) => seen(Date.parse(point.at))).map((point) => <Mark key={point.id} at={Date.parse(point.at)} view={view} look={POINT[point.level]} />)}
      </Lane>
      <Lane label={t("continuous")}>
        {(recovery?.bands ?? []).map((band) => <Stretch key={band.from} from={millisOf(band.from)} to={millisOf(band.to)} view={view} look="bg-ok-fill" least />)}
        {(recovery?.gaps ?? []).map((gap) => <Stretch key={gap.from} from={millisOf(gap.from)} to={gap.to === null ? Date.parse(timeline.at) : millisOf(gap.to)} view={view} look="hatched-danger" />)}
      </Lane>
      <Lane label={t("events")}>
        {events.filter((event) => seen(Date.parse(event.at))).map((event) => <Mark key={event.runId} at={Date.parse(event.at)} view={view} look={event.kind === "restore" ? "rounded-full border-2 border-info-strong bg-surface" : "rotate-45 border-2 border-warn-strong bg-surface"} />)}
        {dangers.filter(({ at }) => seen(at)).map(({ at, text }) => <Mark key={`${at} ${text}`} at={at} view={view} look="rotate-45 bg-danger-fill" />)}
      </Lane>
      <div className="relative mt-1 h-5 text-xs text-muted">
        {ticks(view, format.zone, most).map(({ at, day }) => (
          <span key={at} className={classes("tabular absolute -translate-x-1/2 whitespace-nowrap", day && "font-medium text-ink", edge(at, view))} style={{ left: `${position(at, view)}%` }}>
            {day ? shortDay(at, format.locale, format.zone) : span < 300_000 ? format.clock(at).split(" ")[0] : format.clock(at).slice(0, 5)}
          </span>
        ))}
      </div>
      {clockChanges(view, format.zone).map((at) => <span key={at} className="pointer-events-none absolute inset-y-0 border-l border-dashed border-muted" style={{ left: `${position(at, view)}%` }} />)}
      {seen(cursor) ? (
        <span className="pointer-events-none absolute top-0 bottom-5 w-0.5 -translate-x-1/2 bg-ink" style={{ left: `${position(cursor, view)}%` }}>
          <span className="absolute -top-1 left-1/2 size-3 -translate-x-1/2 rounded-full bg-ink" />
        </span>
      ) : null}
    </div>
  );
}

function Lane({ label, children }: { readonly label: ReactNode; readonly children: ReactNode }) {
  return (
    <div className="mb-1">
      <div className="text-xs text-muted">{label}</div>
      <div className="relative h-6 overflow-hidden rounded-[4px] bg-sunken">{children}</div>
    </div>
  );
}

function Mark({ at, view, look }: { readonly at: number; readonly view: View; readonly look: string }) {
  return <span className={classes("absolute top-1/2 size-3 -translate-x-1/2 -translate-y-1/2", look)} style={{ left: `${position(at, view)}%` }} />;
}

/** `least`: however short, it stays to be seen. */
function Stretch({ from, to, view, look, least = false }: { readonly from: number; readonly to: number; readonly view: View; readonly look: string; readonly least?: boolean }) {
  if (to < view.from || from > view.to) return null;
  const left = Math.max(0, position(from, view));
  const width = Math.min(100, position(to, view)) - left;
  return <span className={classes("absolute inset-y-1 rounded-[3px]", look, least && "min-w-[3px]")} style={{ left: `${left}%`, width: `${width}%` }} />;
}

/** Labels at the borders stay inside. */
function edge(at: number, view: View): string {
  const share = position(at, view);
  return share < 4 ? "translate-x-0" : share > 96 ? "-translate-x-full" : "";
}

function shortDay(at: number, locale: Locale, zone: string): string {
  return new Intl.DateTimeFormat(FORMAT_TAG[locale], { day: "numeric", month: "short", timeZone: zone }).format(at);
}

/** Filled = proven, outline = not, hatched = must not be used. */
export const POINT: Record<TimelinePoint["level"], string> = {
  proven: "bg-ok-strong",
  intact: "border-2 border-ok-strong bg-surface",
  completed: "border-2 border-muted bg-surface",
  refused: "hatched-danger",
};
