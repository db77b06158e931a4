import { faCircleQuestion } from "@fortawesome/free-solid-svg-icons/faCircleQuestion";
import { faCircleXmark } from "@fortawesome/free-solid-svg-icons/faCircleXmark";
import { faShieldHalved } from "@fortawesome/free-solid-svg-icons/faShieldHalved";
import { faTriangleExclamation } from "@fortawesome/free-solid-svg-icons/faTriangleExclamation";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { RecoveryReport } from "#lib/contract/archive/window.ts";
import type { Dashboard } from "#lib/contract/views/status.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { classes } from "../ui/classes.ts";
import { millisOf } from "../recovery/timeline/at-instant.ts";
import { Icon } from "../ui/icon.tsx";
import { TimeAgo } from "../ui/time-ago.tsx";
import { FILLED } from "../ui/tone.ts";

interface ProtectionBannerProps {
  readonly view: Pick<Dashboard, "state" | "lastSet" | "lastProven" | "servers">;
  /** Of the server that the page answers for; null where nothing is archived. */
  readonly recovery: RecoveryReport | null;
  readonly action: ReactNode;
}

/** The first answer: protected or not, back to when, proven when. */
export function ProtectionBanner({ view, recovery, action }: ProtectionBannerProps) {
  const t = useTranslations("dashboard");
  const words = useTranslations("timeline");
  const format = useFormats();
  const band = recovery?.bands.at(-1);
  const reached = band ? new Date(millisOf(band.to)).toISOString() : null;
  const look = LOOK[view.state];
  const usable = view.lastSet && view.lastSet.level !== "refused" ? view.lastSet : null;
  return (
    <section className="mb-4 flex flex-wrap items-center gap-x-5 gap-y-4 rounded-md border border-line bg-surface p-4 md:p-5" aria-label={t("title")}>
      <span className={classes("flex size-14 shrink-0 items-center justify-center rounded-full text-xl", FILLED[look.tone])}><Icon icon={look.icon} /></span>
      <div className="min-w-0 flex-1 basis-60">
        <p className="text-xl font-bold">{t(view.state)}</p>
        <p className="text-base">
          {recovery && reached ? words.rich(recovery.complete ? "reachAll" : "reach", { instant: () => <strong className="tabular whitespace-nowrap">{format.instant(reached)}</strong>, ago: () => <TimeAgo at={reached} /> }) : usable ? t.rich("canReturn", { instant: () => <strong className="tabular whitespace-nowrap">{format.instant(usable.snapshotAt)}</strong>, ago: () => <TimeAgo at={usable.snapshotAt} /> }) : t("cannotReturn")}
        </p>
        <p className="text-sm text-muted">
          {band ? `${words("reachFrom", { from: format.instant(millisOf(band.from)) })} ` : ""}
          {view.state === "unknown" ? `${t("unknownLead")} ` : ""}
          {view.lastProven ? t("provenUpTo", { instant: format.instant(view.lastProven.snapshotAt) }) : usable ? t("noneProven") : ""}
        </p>
      </div>
      <div className="max-sm:w-full">{action}</div>
    </section>
  );
}

const LOOK = {
  protected: { icon: faShieldHalved, tone: "ok" },
  "at-risk": { icon: faTriangleExclamation, tone: "warn" },
  unprotected: { icon: faCircleXmark, tone: "danger" },
  unknown: { icon: faCircleQuestion, tone: "warn" },
} as const;
