"use client";
import { useTranslations } from "next-intl";
import type { TimelineView } from "#lib/contract/views/timeline.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { microsOf, millisOf } from "../recovery/timeline/at-instant.ts";
import { Timeline } from "../recovery/timeline/timeline.tsx";
import { ButtonLink } from "../ui/button.tsx";
import { Card } from "../ui/card.tsx";
import { FaultPanel } from "../ui/fault-panel.tsx";
import { Notice } from "../ui/notice.tsx";

interface RecoveryCardProps {
  readonly timeline: TimelineView;
  /** May this reader plan a restore? */
  readonly mayRestore: boolean;
}

/** From when to when a server can be brought back, with gaps and why. */
export function RecoveryCard({ timeline, mayRestore }: RecoveryCardProps) {
  const t = useTranslations("timeline");
  const format = useFormats();
  const { recovery, points } = timeline;
  const open = recovery?.gaps.find(({ to }) => to === null);
  return (
    <Card title={t("title")} aside={<span className="font-mono text-xs text-muted">{timeline.server}</span>}>
      {open ? <div className="mb-3"><Notice tone="danger" title={t("brokenNow")}>{t(`reason.${open.reason}`)} <span className="font-mono text-xs">{open.about}</span></Notice></div> : null}
      {points.length === 0 ? (
        <p className="text-muted">{t("none")}</p>
      ) : (
        <Timeline
          timeline={timeline}
          {...(mayRestore ? { action: (at, reachable) => (reachable ? <div className="mt-2"><ButtonLink href={`/recovery?server=${timeline.server}&wanted=time&at=${microsOf(at)}`}>{t("restoreHere")}</ButtonLink></div> : <div className="mt-2 h-11" />) } : {})}
        />
      )}
      {recovery ? <p className="mt-2 text-xs text-muted">{t(`archive.${recovery.archive}`)} {recovery.at === null ? "" : t("asOf", { at: format.clock(recovery.at) })}</p> : null}
      {recovery?.clockSteps?.map(({ from, to, file, start }) => (
        <p key={`${file}:${start}:${from}`} className="text-xs text-muted">{t("clockStep", { from: format.instant(millisOf(from)), to: format.instant(millisOf(to)), file })}</p>
      ))}
      {recovery?.readBack?.map(({ destination, committedAt, checkedAt }) => (
        <p key={destination} className="text-xs text-muted">
          {t("readBack", { destination, instant: format.clock(millisOf(committedAt)), lag: format.duration(Math.max(0, (Date.parse(checkedAt) - millisOf(committedAt)) / 1000)), at: format.clock(checkedAt) })}
        </p>
      ))}
      {recovery?.trouble ? <div className="mt-2"><FaultPanel fault={recovery.trouble} severity="warning" /></div> : null}
    </Card>
  );
}
