import { useTranslations } from "next-intl";
import type { Road } from "#lib/contract/recovery/restore.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Badge } from "../../ui/badge.tsx";
import { Status } from "../../ui/status.tsx";

/** The ways to the same instant, fastest first, the plan's own marked. */
export function PlanRoads({ roads }: { readonly roads: readonly Road[] }) {
  const t = useTranslations("recovery.roads");
  const format = useFormats();
  return (
    <>
      <p className="mb-2 text-sm text-muted">{t("lead")}</p>
      <ol className="divide-y divide-line">
        {roads.map(({ setId, method, into, level, snapshotAt, replayBytes, replayFiles, seconds, chosen }) => (
          <li key={`${setId} ${into}`} className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 py-3 first:pt-0 last:pb-0" aria-current={chosen ? "true" : undefined}>
            <span>
              <span className="font-medium">{t(`${method}.${into}`)}</span> {chosen ? <Badge tone="info">{t("chosen")}</Badge> : null}
              <span className="mt-1 block text-sm text-muted">
                {t("from", { at: format.instant(snapshotAt) })} <Status state={level} /> {replayFiles > 0 ? t("replay", { count: replayFiles, bytes: format.bytes(replayBytes) }) : null}
              </span>
            </span>
            <span className="tabular text-sm">{t("about", { time: format.duration(Math.ceil(seconds)) })}</span>
          </li>
        ))}
      </ol>
    </>
  );
}
