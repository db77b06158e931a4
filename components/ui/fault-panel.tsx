import { faCircleXmark } from "@fortawesome/free-solid-svg-icons/faCircleXmark";
import { faTriangleExclamation } from "@fortawesome/free-solid-svg-icons/faTriangleExclamation";
import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { faultText } from "#lib/domain/fault/fault.ts";
import { isFaultCode } from "#lib/domain/fault/table.ts";
import { classes } from "./classes.ts";
import { CopyButton } from "./copy-button.tsx";
import { Icon } from "./icon.tsx";

/** A fault as it is stored and sent; the code may be one this console does not know. */
export interface ShownFault {
  readonly code: string;
  readonly params: Record<string, string | number>;
  readonly detail?: string | undefined;
}

interface FaultPanelProps {
  readonly fault: ShownFault;
  readonly severity?: "error" | "warning" | "info";
  /** Put before the details when copied: run id, host. */
  readonly reference?: string;
  /** Buttons: retry, go to settings. */
  readonly actions?: ReactNode;
}

/** What happened · why · what to do · details. */
export function FaultPanel({ fault, severity = "error", reference, actions }: FaultPanelProps) {
  const t = useTranslations("ui");
  const locale = useLocale();
  const code = isFaultCode(fault.code) ? fault.code : "UNEXPECTED";
  const text = faultText({ code, params: { message: fault.code, ...fault.params } }, locale);
  const copied = [reference, `${fault.code}: ${text.what}`, text.why, text.todo, fault.detail].filter(Boolean).join("\n");
  return (
    <div role={severity === "error" ? "alert" : "note"} className={classes("rounded-md border border-l-4 bg-surface p-4", FRAME[severity])}>
      <p className="flex items-baseline gap-2 font-semibold text-ink">
        <Icon icon={severity === "error" ? faCircleXmark : faTriangleExclamation} className={classes("translate-y-0.5", MARK[severity])} label={t("faultWhat")} />
        <span>{text.what}</span>
      </p>
      <dl className="mt-2 grid gap-x-4 gap-y-1 text-sm sm:grid-cols-[max-content_1fr]">
        <dt className="text-muted">{t("faultWhy")}</dt>
        <dd>{text.why}</dd>
        <dt className="text-muted">{t("faultTodo")}</dt>
        <dd className="font-medium">{text.todo}</dd>
      </dl>
      {fault.detail ? (
        <details className="mt-2 text-sm">
          <summary className="flex min-h-11 items-center text-muted underline underline-offset-2">{t("details")} · {fault.code}</summary>
          <pre className="max-h-72 overflow-auto rounded-sm bg-sunken p-3 font-mono text-xs whitespace-pre-wrap" tabIndex={0}>{fault.detail}</pre>
        </details>
      ) : null}
      <div className="mt-3 flex flex-wrap gap-2">
        {actions}
        <CopyButton text={copied} label={t("copyDetails")} />
      </div>
    </div>
  );
}

const FRAME = { error: "border-danger-strong", warning: "border-warn-strong", info: "border-info-strong" } as const;
const MARK = { error: "text-danger-fg", warning: "text-warn-fg", info: "text-info-fg" } as const;
