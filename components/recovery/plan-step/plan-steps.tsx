import { useTranslations } from "next-intl";
import type { PlanStep } from "#lib/contract/recovery/restore.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { saidBy } from "./made-text.ts";
import { TimeRange } from "./time-range.tsx";

/** Numbered steps of a plan with their time, what they touch and the commands for doing it by hand. */
export function PlanSteps({ steps }: { readonly steps: readonly PlanStep[] }) {
  const t = useTranslations("recovery.plan");
  const worded = (text: string): string => {
    const said = saidBy(text);
    return said ? t(`said.${said.key}`, { ...said.values, ...("count" in said.values ? { count: Number(said.values.count) } : {}) }) : text;
  };
  return (
    <ol className="divide-y divide-line">
      {steps.map((step, index) => (
        <li key={step.id} className="py-3 first:pt-0 last:pb-0">
          <div className="flex flex-wrap items-baseline justify-between gap-x-4">
            <span className="font-medium"><span className="tabular mr-2 text-muted">{index + 1}.</span>{t(`step.${step.id}`)}</span>
            <span className="tabular text-sm text-muted"><TimeRange likely={step.eta[0]} slow={step.eta[1]} /></span>
          </div>
          {(["creates", "replaces", "deletes"] as const).map((kind) =>
            step[kind].length > 0 ? (
              <p key={kind} className={`mt-1 pl-6 text-sm ${kind === "creates" ? "" : "font-medium text-danger-fg"}`}>
                {t(kind)}: <span className="font-mono text-xs">{step[kind].map(worded).join(", ")}</span>
              </p>
            ) : null,
          )}
          {step.commands.length > 0 ? (
            <details className="mt-1 pl-6 text-sm">
              <summary className="flex min-h-11 items-center text-muted underline underline-offset-2">{t("commands", { count: step.commands.length })}</summary>
              <pre className="max-h-72 overflow-auto rounded-sm bg-sunken p-3 font-mono text-xs whitespace-pre-wrap" tabIndex={0}>{step.commands.map(worded).join("\n")}</pre>
              <div className="mt-2"><CopyButton text={step.commands.map(worded).join("\n")} label={t("copyCommands")} /></div>
            </details>
          ) : null}
        </li>
      ))}
    </ol>
  );
}
