"use client";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Badge } from "../ui/badge.tsx";
import { Card } from "../ui/card.tsx";
import { FaultPanel } from "../ui/fault-panel.tsx";
import { Notice } from "../ui/notice.tsx";
import { Status } from "../ui/status.tsx";
import { TimeAgo } from "../ui/time-ago.tsx";
import { currentStage, hasEnded, type LiveRun as View } from "./journal.ts";
import { ProgressPanel } from "./progress-panel.tsx";
import { RunLog } from "./run-log.tsx";
import { StageTimeline, stageName } from "./stage-timeline.tsx";
import { useRunStream } from "./use-run-stream.ts";

interface LiveRunProps {
  readonly runId: string;
  readonly opening: View;
  /** What may follow, drawn by the server: beside the stages, on a phone right below them. */
  readonly next: ReactNode;
  /** Facts, drawn by the server; below it, on a phone at the end. */
  readonly facts: ReactNode;
  readonly reference: string;
}

/** Everything of a run that moves: state, stages, progress, findings, log. */
export function LiveRun({ runId, opening, next, facts, reference }: LiveRunProps) {
  const t = useTranslations("run");
  const { view, link } = useRunStream(runId, opening);
  const ended = hasEnded(view.state);
  const current = currentStage(view.stages);
  return (
    <div className="grid gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="contents min-w-0 flex-col gap-4 xl:flex">
        {view.state === "unknown" ? <div className="max-xl:-order-3"><Notice tone="warn">{t("silentShort")}</Notice></div> : null}
        {view.fault ? <div className="max-xl:-order-3"><FaultPanel fault={view.fault} reference={reference} severity={view.state === "warning" ? "warning" : "error"} /></div> : null}
        <Card
          className="max-xl:-order-2"
          title={<span className="flex flex-wrap items-center gap-3"><Status state={view.state} />{current ? <span className="font-semibold">{t("stageOf", { number: current.index + 1, total: view.stages.length })} · {stageName(t, current.stage.name)}</span> : null}</span>}
          aside={
            ended ? null : link === "lost" ? (
              <Badge tone="warn">{t("reconnecting")}</Badge>
            ) : view.lastEventAt ? (
              <span className="text-sm text-muted">{t.rich("heartbeatRich", { ago: () => <TimeAgo at={view.lastEventAt ?? ""} /> })}</span>
            ) : null
          }
        >
          {ended ? null : (
            <div className="mb-4">
              {view.progress ? <ProgressPanel progress={view.progress} /> : null}
              {view.state === "queued" ? <p className="text-muted">{t("queuedHint")}</p> : null}
              <p className="mt-3 text-sm font-medium">{t("closeable")}</p>
            </div>
          )}
          {view.stages.length > 0 ? <StageTimeline stages={view.stages} ended={ended} /> : null}
          {ended && view.stages.length === 0 ? <p className="text-muted">{t("noStages")}</p> : null}
        </Card>
        {view.findings.length > 0 ? (
          <Card title={t("findings")}>
            <ul className="flex flex-col gap-3">
              {view.findings.map((finding) => <li key={finding.seq}><FaultPanel fault={finding.fault} severity={finding.severity} reference={reference} /></li>)}
            </ul>
          </Card>
        ) : null}
        <Card title={t("log")} aside={link === "live" && !ended ? <Badge tone="info">{t("live")}</Badge> : null}>
          <RunLog lines={view.log} live={!ended} />
        </Card>
      </div>
      <div className="contents min-w-0 flex-col gap-4 xl:flex">
        <div className="empty:hidden max-xl:-order-1">{next}</div>
        {facts}
      </div>
    </div>
  );
}
