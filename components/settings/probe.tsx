"use client";
import { faCircleCheck } from "@fortawesome/free-solid-svg-icons/faCircleCheck";
import { faCircleXmark } from "@fortawesome/free-solid-svg-icons/faCircleXmark";
import { faPlugCircleCheck } from "@fortawesome/free-solid-svg-icons/faPlugCircleCheck";
import { useTranslations } from "next-intl";
import { useState, useTransition } from "react";
import type { ProbeView } from "#lib/contract/views/settings.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Button } from "../ui/button.tsx";
import { FaultPanel, type ShownFault } from "../ui/fault-panel.tsx";
import { Icon } from "../ui/icon.tsx";

export interface Probed {
  readonly steps: ProbeView["steps"];
  readonly findings?: readonly { readonly severity: "info" | "warning" | "error"; readonly fault: ShownFault }[];
}

interface ProbeProps {
  readonly onProbe: () => Promise<{ ok: true; value: Probed } | { ok: false; fault: ShownFault }>;
}

/** Staged connection test from the host: each step with its time, findings with what to do. */
export function Probe({ onProbe }: ProbeProps) {
  const t = useTranslations("settings");
  const [answer, setAnswer] = useState<Awaited<ReturnType<ProbeProps["onProbe"]>> | null>(null);
  const [busy, start] = useTransition();
  const probe = () =>
    start(async () => {
      setAnswer(null);
      setAnswer(await onProbe());
    });
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <div><Button icon={faPlugCircleCheck} onClick={probe} disabled={busy} aria-busy={busy}>{busy ? t("testing") : t("test")}</Button></div>
      <div aria-live="polite" className="flex flex-col gap-3 empty:hidden">
        {answer?.ok ? <ProbeSteps steps={answer.value.steps} /> : null}
        {answer?.ok ? answer.value.findings?.map(({ severity, fault }) => <FaultPanel key={`${fault.code} ${JSON.stringify(fault.params)}`} fault={fault} severity={severity} />) : null}
        {answer && !answer.ok ? <FaultPanel fault={answer.fault} /> : null}
      </div>
    </div>
  );
}

/** The steps of a test, in order. */
export function ProbeSteps({ steps }: { readonly steps: ProbeView["steps"] }) {
  const t = useTranslations("settings");
  const format = useFormats();
  return (
    <ol className="flex flex-col gap-1 text-sm">
      {steps.map((step) => (
        <li key={step.step} className="flex flex-wrap items-center gap-x-3">
          <Icon icon={step.ok ? faCircleCheck : faCircleXmark} className={step.ok ? "text-ok-fg" : "text-danger-fg"} label={t(step.ok ? "testOk" : "testFailed")} />
          <span>{t.has(`step.${step.step}` as "step.tcp") ? t(`step.${step.step}` as "step.tcp") : step.step}</span>
          <span className="tabular text-muted">{t("ms", { ms: format.number(step.ms) })}</span>
          {step.detail ? <span className="basis-full pl-8 text-muted">{step.detail}</span> : null}
        </li>
      ))}
    </ol>
  );
}
