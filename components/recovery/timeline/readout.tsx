import { useTranslations } from "next-intl";
import type { TimelineView } from "#lib/contract/views/timeline.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Button } from "../../ui/button.tsx";
import { Status } from "../../ui/status.tsx";
import type { AtInstant } from "./at-instant.ts";

interface ReadoutProps {
  readonly timeline: TimelineView;
  readonly at: number;
  readonly here: AtInstant;
  readonly onChoose: (at: number) => void;
}

/** What the chosen instant is, in local time and UTC; as high whatever it says, so that nothing below jumps. */
export function Readout({ timeline, at, here, onChoose }: ReadoutProps) {
  const t = useTranslations("timeline");
  const format = useFormats();
  const behind = (Date.parse(timeline.at) - at) / 1000;
  return (
    <div className="mt-3 min-h-28 rounded-sm border border-line p-3 text-sm sm:min-h-24">
      <p className="flex flex-wrap items-baseline gap-x-3">
        <strong className="tabular text-base">{format.instant(at)}</strong>
        <span className="tabular text-xs text-muted">{new Date(at).toISOString().slice(11, 23)}Z</span>
        {behind > 0 ? <span className="text-muted">{t("loses", { time: format.duration(behind) })}</span> : null}
      </p>
      {here.kind === "unreachable" ? (
        <>
          <p className="font-medium text-danger-fg">{t(`why.${here.reason}`)}{here.gap ? <> {t(`reason.${here.gap.reason}`)} <span className="font-mono text-xs">{here.gap.about}</span></> : null}</p>
          {here.nearest.length > 0 ? (
            <p className="mt-1 flex flex-wrap items-center gap-2">
              {t("nearest")}
              {here.nearest.map((near) => <Button key={near} className="px-3" onClick={() => onChoose(near)}>{format.instant(near)}</Button>)}
            </p>
          ) : null}
        </>
      ) : (
        <p className="flex flex-wrap items-center gap-x-2">
          {t(`at.${here.kind}`)}
          {here.base ? <span className="inline-flex flex-wrap items-center gap-x-2 text-muted">{t("base", { at: format.short(here.base.at) })} <Status state={here.base.level} /></span> : null}
        </p>
      )}
    </div>
  );
}
