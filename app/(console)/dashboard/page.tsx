import { faGear } from "@fortawesome/free-solid-svg-icons/faGear";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { TrendChart } from "#components/charts/trend-chart.tsx";
import { DayStrip } from "#components/dashboard/day-strip.tsx";
import { HeadlineCards } from "#components/dashboard/headline-cards.tsx";
import { NextList } from "#components/dashboard/next-list.tsx";
import { RecoveryCard } from "#components/dashboard/recovery-card.tsx";
import { ProtectionBanner } from "#components/dashboard/protection-banner.tsx";
import { RunNow } from "#components/dashboard/run-now.tsx";
import { ServiceList } from "#components/dashboard/service-list.tsx";
import { StaleNotice } from "#components/dashboard/stale-notice.tsx";
import { TodoList } from "#components/dashboard/todo-list.tsx";
import { RunList } from "#components/run/run-list.tsx";
import { AutoRefresh } from "#components/ui/auto-refresh.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Empty } from "#components/ui/empty.tsx";
import { Guarded } from "#components/ui/guarded.tsx";
import { Link } from "#components/ui/link.tsx";
import type { RecoveryReport } from "#lib/contract/archive/window.ts";
import { isAllowed } from "#lib/domain/access/permissions.ts";
import { OBJECTIVES } from "#lib/domain/objective/protection.ts";
import { readTimeline } from "#lib/services/recovery/read-timeline.ts";
import { listRuns } from "#lib/services/run/list-runs.ts";
import { pageContext } from "../../current-actor.ts";
import { shown } from "../../show-fault.ts";
import { dashboard } from "../dashboard-view.ts";
import { runBackupAction } from "./actions.ts";

/** Backups drawn in the trend. */
const TREND_LENGTH = 30;

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("dashboard"))("title") };
}

export default async function DashboardPage() {
  const [context, t] = await Promise.all([pageContext(), getTranslations("dashboard")]);
  const view = await shown(dashboard());
  const server = view.servers.find((one) => one.environment === "production") ?? view.servers[0];
  const backups = await shown(listRuns(context, { kinds: ["backup-full"], states: ["completed", "warning"], pageSize: TREND_LENGTH, ...(server ? { server: server.server } : {}) }));
  const timeline = server ? await shown(readTimeline(context, { server: server.server })) : null;
  const recovery = timeline?.recovery ?? null;
  const { role } = context.actor;
  const comparing = view.policies.filter(({ differentials }) => differentials);
  const archiving = view.policies.filter(({ archive }) => archive);
  const trend = backups.rows.flatMap((run) => (run.seconds !== null && run.bytes !== null ? [{ at: run.queuedAt, seconds: run.seconds, bytes: run.bytes }] : [])).reverse();
  return (
    <>
      <AutoRefresh seconds={view.activeRuns.length > 0 ? 5 : 30} />
      <StaleNotice services={view.services} />
      <h1 className="sr-only">{t("title")}</h1>
      <ProtectionBanner
        view={view}
        recovery={recovery}
        action={
          view.policies.length === 0 && isAllowed(role, "settings.change") ? (
            <ButtonLink href="/settings" look="primary" size="lg" icon={faGear} className="max-sm:w-full">{t("setUp")}</ButtonLink>
          ) : (
            <Guarded role={role} action="backup.run" label={t("runNow")} look="primary">
              {/* On a phone the other two share a row below the first; one alone takes it all. */}
              <div className="grid grid-cols-2 gap-2 *:first:col-span-2 *:last:even:col-span-2 sm:flex sm:flex-row-reverse sm:flex-wrap">
                <RunNow kind="full" policies={view.policies} onRun={runBackupAction.bind(null, "full")} />
                {comparing.length > 0 ? <RunNow kind="differential" policies={comparing} onRun={runBackupAction.bind(null, "differential")} /> : null}
                {archiving.length > 0 ? <RunNow kind="incremental" policies={archiving} onRun={runBackupAction.bind(null, "incremental")} /> : null}
              </div>
            </Guarded>
          )
        }
      />
      <HeadlineCards view={view} reached={reachedAt(recovery)} restoreObjective={OBJECTIVES.restoreSeconds} showSpace={isAllowed(role, "settings.view")} />
      {/* In one column what must be done comes first, then what runs; the lists of the second column follow the recovery window. */}
      <div className="flex flex-col gap-4 xl:grid xl:grid-cols-[minmax(0,2.4fr)_minmax(17rem,1fr)]">
        <div className="contents min-w-0 flex-col gap-4 xl:flex">
          {view.activeRuns.length > 0 ? <Card flush title={t("active")} className="max-xl:-order-2"><RunList rows={view.activeRuns} compact /></Card> : null}
          {timeline ? <div className="min-w-0 max-xl:-order-1"><RecoveryCard timeline={timeline} mayRestore={isAllowed(role, "restore.plan")} /></div> : null}
          <DayStrip days={view.days} />
          <Card flush title={t("recent")} aside={<Link href="/activity" className="inline-flex min-h-11 items-center text-sm underline underline-offset-2">{t("allActivity")}</Link>}>
            {view.recentRuns.length > 0 ? <RunList rows={view.recentRuns} compact /> : <Empty title={t("noRuns")} text={t("noRunsText")} />}
          </Card>
          <Card title={t("trend")} aside={server ? <span className="font-mono text-xs text-muted">{server.server}</span> : null}>{trend.length > 1 ? <TrendChart points={trend} /> : <p className="text-muted">{t("trendEmpty")}</p>}</Card>
        </div>
        <div className="contents min-w-0 flex-col gap-4 xl:flex">
          <div className="max-xl:-order-3"><TodoList reasons={view.reasons} pendingHosts={view.pendingHosts} lostSwaps={view.lostSwaps} /></div>
          <div className="grid gap-4 max-xl:-order-1 md:max-xl:grid-cols-2">
            <ServiceList services={view.services} />
            <NextList fires={view.nextFires} />
          </div>
        </div>
      </div>
    </>
  );
}

/** Up to when nothing would be lost: the last archived commit, or the moment at which nothing was left to archive. */
function reachedAt(recovery: RecoveryReport | null): string | null {
  const band = recovery?.bands.at(-1);
  if (!recovery || !band) return null;
  return recovery.complete && recovery.at !== null ? recovery.at : new Date(Number(BigInt(band.to) / 1000n)).toISOString();
}
