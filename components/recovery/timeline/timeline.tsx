"use client";
import { faMagnifyingGlassMinus } from "@fortawesome/free-solid-svg-icons/faMagnifyingGlassMinus";
import { faMagnifyingGlassPlus } from "@fortawesome/free-solid-svg-icons/faMagnifyingGlassPlus";
import { faArrowLeft } from "@fortawesome/free-solid-svg-icons/faArrowLeft";
import { faArrowRight } from "@fortawesome/free-solid-svg-icons/faArrowRight";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import type { TimelineView } from "#lib/contract/views/timeline.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Button } from "../../ui/button.tsx";
import { atInstant, limitsOf, millisOf } from "./at-instant.ts";
import { type DangerMark, Lanes } from "./lanes.tsx";
import { Legend } from "./legend.tsx";
import { Readout } from "./readout.tsx";
import { keyStep, panned, showing, snapped, type View, zoomed } from "./scale.ts";
import { TimelineTable } from "./timeline-table.tsx";
import { useGestures } from "./use-gestures.ts";

interface TimelineProps {
  readonly timeline: TimelineView;
  readonly dangers?: readonly DangerMark[];
  /** Chosen instant, milliseconds; absent: the timeline keeps it to itself. */
  readonly chosen?: number;
  readonly onChoose?: (at: number) => void;
  /** Under the readout: what can be done at the chosen instant. */
  readonly action?: (at: number, reachable: boolean) => ReactNode;
}

const DAY = 86_400_000;
const PRESETS = [["day", DAY], ["week", 7 * DAY], ["month", 30 * DAY]] as const;

const ARROWS: ReadonlyMap<string, number> = new Map([["ArrowLeft", -1], ["ArrowDown", -1], ["ArrowRight", 1], ["ArrowUp", 1]]);
const ZOOM_KEYS: ReadonlyMap<string, number> = new Map([["+", 0.5], ["-", 2]]);

/** To which instants a server can be brought back: by finger, mouse or keys, and as a list. Its height never changes with what it shows. */
export function Timeline({ timeline, dangers = [], chosen, onChoose, action }: TimelineProps) {
  const t = useTranslations("timeline");
  const format = useFormats();
  const limits = limitsOf(timeline);
  // Follows the present until it is moved away from it.
  const [kept, setKept] = useState<View | { readonly span: number }>({ span: Math.min(7 * DAY, limits.to - limits.from) });
  const view: View = "span" in kept ? { from: Math.max(limits.from, limits.to - kept.span), to: limits.to } : kept;
  const [own, setOwn] = useState(() => newest(timeline));
  const cursor = chosen ?? own;
  const here = atInstant(timeline, cursor);
  const show = (next: View) => setKept(next.to >= limits.to - 1 ? { span: next.to - next.from } : next);
  const choose = (wanted: number) => {
    const at = Math.round(Math.min(Math.max(wanted, limits.from), limits.to));
    setOwn(at);
    onChoose?.(at);
    const next = showing(view, at, limits);
    if (next !== view) show(next);
  };
  const stops = stopsOf(timeline, dangers);
  const gestures = useGestures({
    onTap: (share) => choose(snapped(view.from + share * (view.to - view.from), stops, view, 0.02)),
    onPan: (share) => show(panned(view, share, limits)),
    onZoom: (factor, share) => show(zoomed(view, factor, view.from + share * (view.to - view.from), limits)),
  });
  const zoom = (factor: number) => show(zoomed(view, factor, cursor >= view.from && cursor <= view.to ? cursor : (view.from + view.to) / 2, limits));
  const onKeyDown = (event: KeyboardEvent) => {
    const step = keyStep(view) * (event.shiftKey ? 10 : 1);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const factor = ZOOM_KEYS.get(event.key);
    const wanted = ARROWS.has(event.key) ? cursor + (ARROWS.get(event.key) ?? 0) * step : stopFor(event.key, cursor, stops);
    if (factor === undefined && wanted === undefined) return;
    event.preventDefault();
    if (factor !== undefined) zoom(factor);
    else if (wanted !== undefined) choose(wanted);
  };
  return (
    <div>
      <fieldset className="mb-2 flex flex-wrap items-center gap-2">
        <legend className="sr-only">{t("view")}</legend>
        {PRESETS.map(([name, span]) => <Button key={name} aria-pressed={"span" in kept && kept.span === Math.min(span, limits.to - limits.from)} onClick={() => setKept({ span: Math.min(span, limits.to - limits.from) })} className="px-3 aria-pressed:border-ink aria-pressed:bg-sunken">{t(`span.${name}`)}</Button>)}
        <span className="flex gap-2 sm:ml-auto">
          <Button icon={faArrowLeft} aria-label={t("earlier")} className="min-w-11 px-0" onClick={() => show(panned(view, -0.5, limits))} />
          <Button icon={faArrowRight} aria-label={t("later")} className="min-w-11 px-0" onClick={() => show(panned(view, 0.5, limits))} />
          <Button icon={faMagnifyingGlassPlus} aria-label={t("closer")} className="min-w-11 px-0" onClick={() => zoom(0.4)} />
          <Button icon={faMagnifyingGlassMinus} aria-label={t("farther")} className="min-w-11 px-0" onClick={() => zoom(2.5)} />
        </span>
      </fieldset>
      <div
        {...gestures}
        role="slider"
        tabIndex={0}
        aria-label={t("axis", { server: timeline.server })}
        aria-valuemin={Math.round(limits.from)}
        aria-valuemax={Math.round(limits.to)}
        aria-valuenow={cursor}
        aria-valuetext={`${format.instant(cursor)}, ${t(here.kind === "unreachable" ? `why.${here.reason}` : `at.${here.kind}`)}`}
        onKeyDown={onKeyDown}
        className="touch-pan-y rounded-sm select-none"
        suppressHydrationWarning
      >
        <Lanes view={view} timeline={timeline} dangers={dangers} cursor={cursor} most={6} />
      </div>
      <Legend timeline={timeline} dangers={dangers.length > 0} />
      <Readout timeline={timeline} at={cursor} here={here} onChoose={choose} />
      {action?.(cursor, here.kind !== "unreachable")}
      <TimelineTable timeline={timeline} onChoose={choose} />
    </div>
  );
}

/** Where Home, End and the page keys lead. */
function stopFor(key: string, cursor: number, stops: readonly number[]): number | undefined {
  if (key === "Home") return stops[0];
  if (key === "End") return stops.at(-1);
  if (key === "PageDown") return stops.findLast((stop) => stop < cursor);
  return key === "PageUp" ? stops.find((stop) => stop > cursor) : undefined;
}

/** The last instant that can be reached. */
function newest({ recovery, points, at }: TimelineView): number {
  const band = recovery?.bands.at(-1);
  return band ? millisOf(band.to) : Date.parse(points.findLast(({ level }) => level !== "refused")?.at ?? at);
}

/** Where keys and fingers stop: points, ends of stretches, dangers. In order. */
function stopsOf({ points, recovery }: TimelineView, dangers: readonly DangerMark[]): number[] {
  const ends = (recovery?.bands ?? []).flatMap(({ from, to }) => [Math.ceil(Number(from) / 1000), millisOf(to)]);
  return [...points.filter(({ level }) => level !== "refused").map(({ at }) => Date.parse(at)), ...ends, ...dangers.map(({ at }) => at)].sort((one, other) => one - other);
}
