import { useTranslations } from "next-intl";
import type { TimelineView } from "#lib/contract/views/timeline.ts";
import { POINT } from "./lanes.tsx";

const SHAPES = [
  ["proven", POINT.proven],
  ["intact", POINT.intact],
  ["completed", POINT.completed],
  ["refused", POINT.refused],
  ["band", "w-5 rounded-[3px] bg-ok-fill"],
  ["gap", "w-5 hatched-danger"],
  ["restore", "rounded-full border-2 border-info-strong bg-surface"],
  ["failed-backup", "rotate-45 border-2 border-warn-strong bg-surface"],
  ["danger", "rotate-45 bg-danger-fill"],
] as const;

/** What the shapes mean: those that are on this timeline. */
export function Legend({ timeline, dangers }: { readonly timeline: TimelineView; readonly dangers: boolean }) {
  const t = useTranslations("timeline.legend");
  const { points, recovery, events } = timeline;
  const present = new Set<string>([...points.map(({ level }) => level), ...events.map(({ kind }) => kind), ...(recovery?.bands.length ? ["band"] : []), ...(recovery?.gaps.length ? ["gap"] : []), ...(dangers ? ["danger"] : [])]);
  return (
    <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
      {SHAPES.filter(([name]) => present.has(name)).map(([name, look]) => (
        <li key={name} className="inline-flex items-center gap-2"><span aria-hidden className={`inline-block size-3 ${look}`} />{t(name)}</li>
      ))}
    </ul>
  );
}
