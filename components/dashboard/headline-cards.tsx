import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { Dashboard, DestinationSpace } from "#lib/contract/views/status.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Link } from "../ui/link.tsx";
import { Meter } from "../ui/meter.tsx";
import { Status } from "../ui/status.tsx";
import { Age, TimeAgo } from "../ui/time-ago.tsx";

interface HeadlineCardsProps {
  readonly view: Pick<Dashboard, "lastSet" | "lastProven" | "restoreSeconds" | "destinations">;
  /** Last instant that can be reached where the archive runs; null: the last backup's. */
  readonly reached: string | null;
  /** RTO, seconds. */
  readonly restoreObjective: number;
  /** False for those who may not see destinations. */
  readonly showSpace: boolean;
}

/** Last backup, point of return, restore time, space. */
export function HeadlineCards({ view, reached, restoreObjective, showSpace }: HeadlineCardsProps) {
  const t = useTranslations("dashboard");
  const format = useFormats();
  const { lastSet, lastProven, restoreSeconds } = view;
  const since = reached ?? lastSet?.snapshotAt ?? null;
  return (
    <div className="mb-4 grid gap-3 sm:grid-cols-2 xl:auto-cols-fr xl:grid-flow-col xl:grid-cols-none">
      <Figure title={t("lastBackup")} big={lastSet ? format.short(lastSet.finishedAt) : t("noneYet")} title2={lastSet ? format.instant(lastSet.finishedAt) : undefined}>
        {lastSet ? (
          <span className="flex flex-wrap items-center gap-2">
            <Status state={lastSet.level} />
            <span className="text-muted">{format.bytes(lastSet.sealedBytes)}</span>
            <Link href={`/backups/${lastSet.id}`} className="inline-flex min-h-11 items-center underline underline-offset-2">{t("seeSet")}</Link>
          </span>
        ) : (
          <span className="text-muted">{t("runNowHint")}</span>
        )}
      </Figure>
      <Figure title={t("returnPoint")} big={since ? <Age since={since} /> : "–"}>
        <span className="text-muted">{since ? t("ageOfPoint") : t("cannotReturn")}</span>
      </Figure>
      <Figure title={t("restoreTime")} big={restoreSeconds === null ? t("notMeasured") : format.duration(restoreSeconds)}>
        {restoreSeconds === null ? (
          <span className="text-muted">{t("notMeasuredHint")}</span>
        ) : (
          <>
            <Meter share={restoreSeconds / restoreObjective} tone={restoreSeconds > restoreObjective ? "danger" : restoreSeconds > 0.8 * restoreObjective ? "warn" : "ok"} label={t("restoreTime")} />
            <span className="mt-1 block text-muted">
              {t("objective", { value: format.duration(restoreObjective) })}
              {lastProven?.verifiedAt ? <> · {t("measured")} <TimeAgo at={lastProven.verifiedAt} /></> : null}
            </span>
          </>
        )}
      </Figure>
      {showSpace ? <SpaceFigure destination={fullest(view.destinations)} /> : null}
    </div>
  );
}

function SpaceFigure({ destination }: { readonly destination: DestinationSpace | null }) {
  const t = useTranslations("dashboard");
  const format = useFormats();
  if (!destination) return <Figure title={t("space")} big={t("spaceUnknown")}><span className="text-muted">{t("spaceUnknownHint")}</span></Figure>;
  const share = usedShare(destination);
  return (
    <Figure title={`${t("space")} · ${destination.destination}`} big={share === null ? format.bytes(destination.usedBytes) : format.share(share)}>
      {share === null ? null : <Meter share={share} mark={0.8} tone={share >= 0.85 ? "danger" : share >= 0.8 ? "warn" : "neutral"} label={t("spaceUsed", { share: format.share(share) })} />}
      <span className="mt-1 block text-muted">
        {destination.freeBytes === null ? "" : `${t("spaceFree", { bytes: format.bytes(destination.freeBytes) })} · `}
        {t("copiesThere", { count: destination.copies, bytes: format.bytes(destination.usedBytes) })}
      </span>
    </Figure>
  );
}

function Figure({ title, big, title2, children }: { readonly title: ReactNode; readonly big: ReactNode; readonly title2?: string | undefined; readonly children: ReactNode }) {
  return (
    <section className="flex min-w-0 flex-col rounded-md border border-line bg-surface p-4">
      <h2 className="text-sm font-medium text-muted">{title}</h2>
      <p className="tabular mt-1 mb-2 text-xl font-semibold" title={title2}>{big}</p>
      <div className="text-sm">{children}</div>
    </section>
  );
}

function usedShare({ totalBytes, freeBytes }: DestinationSpace): number | null {
  return totalBytes === null || freeBytes === null || totalBytes === 0 ? null : 1 - freeBytes / totalBytes;
}

/** The destination that fills first; one whose space is known goes before one whose is not. */
function fullest(destinations: readonly DestinationSpace[]): DestinationSpace | null {
  return [...destinations].sort((a, b) => (usedShare(b) ?? -1) - (usedShare(a) ?? -1))[0] ?? null;
}
