import { faCircle } from "@fortawesome/free-solid-svg-icons/faCircle";
import { faCircleCheck } from "@fortawesome/free-solid-svg-icons/faCircleCheck";
import { faCircleXmark } from "@fortawesome/free-solid-svg-icons/faCircleXmark";
import { faRotate } from "@fortawesome/free-solid-svg-icons/faRotate";
import { useTranslations } from "next-intl";
import type { StageView } from "#lib/contract/views/run.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { classes } from "../ui/classes.ts";
import { Icon } from "../ui/icon.tsx";
import { Elapsed } from "./elapsed.tsx";

interface StageTimelineProps {
  readonly stages: readonly StageView[];
  readonly ended: boolean;
}

/** The stages in order, each with its state in words, its duration and its share of the whole as a bar. */
export function StageTimeline({ stages, ended }: StageTimelineProps) {
  const t = useTranslations("run");
  const format = useFormats();
  const longest = Math.max(0.001, ...stages.map((stage) => stage.seconds ?? 0));
  return (
    <ol className="flex flex-col">
      {stages.map((stage) => {
        const phase = phaseOf(stage, ended);
        const look = LOOK[phase];
        return (
          <li key={stage.name} className="grid grid-cols-[1.5rem_1fr_auto] items-center gap-x-3 py-2" aria-current={phase === "running" ? "step" : undefined}>
            <Icon icon={look.icon} className={classes("text-lg", look.color, phase === "running" && "turning")} label={t(look.word)} />
            <span className={classes(phase === "running" && "font-semibold", phase === "waiting" || phase === "skipped" ? "text-muted" : "")}>
              {stageName(t, stage.name)}
              {phase === "skipped" ? <span className="text-sm"> · {t("stageSkipped")}</span> : null}
            </span>
            <span className="tabular text-sm whitespace-nowrap text-muted">
              {stage.seconds !== undefined ? format.duration(stage.seconds) : phase === "running" && stage.startedAt ? <Elapsed since={stage.startedAt} /> : ""}
            </span>
            {stage.seconds !== undefined ? (
              <span aria-hidden className="col-start-2 col-end-4 mt-1 h-1 rounded-full bg-sunken">
                <span className={classes("block h-full min-w-1 rounded-full", stage.ok === false ? "bg-danger-strong" : "bg-muted")} style={{ width: `${(stage.seconds / longest) * 100}%` }} />
              </span>
            ) : null}
          </li>
        );
      })}
    </ol>
  );
}

/** Name of a stage in the reader's language; one without text shows as it is. */
export function stageName(t: ReturnType<typeof useTranslations<"run">>, name: string): string {
  const key = `stage.${name}` as Parameters<typeof t.has>[0];
  return t.has(key) ? t(key as "stage.dump") : name;
}

type Phase = "waiting" | "running" | "done" | "failed" | "skipped";

function phaseOf(stage: StageView, ended: boolean): Phase {
  if (stage.seconds !== undefined) return stage.ok === false ? "failed" : "done";
  if (stage.startedAt !== undefined) return ended ? "failed" : "running";
  return ended ? "skipped" : "waiting";
}

const LOOK = {
  waiting: { icon: faCircle, color: "text-line", word: "stageWaiting" },
  running: { icon: faRotate, color: "text-info-fg", word: "stageRunning" },
  done: { icon: faCircleCheck, color: "text-ok-fg", word: "stageDone" },
  failed: { icon: faCircleXmark, color: "text-danger-fg", word: "stageFailed" },
  skipped: { icon: faCircle, color: "text-line", word: "stageSkipped" },
} as const;
