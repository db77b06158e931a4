import { useTranslations } from "next-intl";
import type { Progress } from "#lib/contract/events.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Meter } from "../ui/meter.tsx";
import { shareDone } from "./journal.ts";

/** How far the stage at work is: bar, bytes, rows, speed, time left. */
export function ProgressPanel({ progress }: { readonly progress: Progress }) {
  const t = useTranslations("run");
  const format = useFormats();
  const share = shareDone(progress);
  const of = (done: string, total: string | undefined) => (total === undefined ? done : t("ofTotal", { done, total }));
  const facts: [string, string][] = [[t("done"), of(format.bytes(progress.bytesDone), progress.bytesTotal === undefined ? undefined : format.bytes(progress.bytesTotal))]];
  if (progress.rowsDone !== undefined) facts.push([t("rows"), of(format.number(progress.rowsDone), progress.rowsTotal === undefined ? undefined : format.number(progress.rowsTotal))]);
  if (progress.itemsDone !== undefined) facts.push([t("items"), of(format.number(progress.itemsDone), progress.itemsTotal === undefined ? undefined : format.number(progress.itemsTotal))]);
  if (progress.bytesPerSecond !== undefined) facts.push([t("speed"), `${format.bytes(progress.bytesPerSecond)}/s`]);
  facts.push([t("eta"), progress.etaSeconds === undefined ? t("etaUnknown") : format.duration(progress.etaSeconds)]);
  return (
    <div>
      <div className="mb-2 flex items-baseline justify-between gap-3">
        <span className="tabular text-2xl font-semibold">{share === null ? "…" : format.share(Math.floor(share * 100) / 100)}</span>
        {progress.item ? <span className="truncate font-mono text-xs text-muted" title={progress.item}>{progress.item}</span> : null}
      </div>
      <Meter share={share} label={t("progress")} />
      <dl className="mt-3 grid grid-cols-2 gap-x-4 gap-y-2 text-sm sm:flex sm:flex-wrap sm:gap-x-8">
        {facts.map(([term, value]) => (
          <div key={term}>
            <dt className="text-muted">{term}</dt>
            <dd className="font-medium">{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
