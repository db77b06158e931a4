import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { classes } from "../ui/classes.ts";
import { Icon } from "../ui/icon.tsx";
import { Link } from "../ui/link.tsx";
import { faCheck } from "@fortawesome/free-solid-svg-icons/faCheck";

export const WIZARD_STEPS = ["set", "scope", "target", "plan", "confirm"] as const;
export type WizardStep = (typeof WIZARD_STEPS)[number];

interface WizardFrameProps {
  readonly step: WizardStep;
  readonly title: ReactNode;
  readonly lead?: ReactNode;
  /** What was chosen before, each with the way back to change it. */
  readonly chosen?: readonly { readonly step: WizardStep; readonly text: ReactNode; readonly href: string }[];
  readonly children: ReactNode;
}

/** Title, progress and former choices of a wizard step. */
export function WizardFrame({ step, title, lead, chosen = [], children }: WizardFrameProps) {
  const t = useTranslations("recovery");
  const at = WIZARD_STEPS.indexOf(step);
  return (
    <div className="mx-auto max-w-3xl">
      <ol className="mb-4 flex gap-1.5" aria-label={t("stepOf", { number: at + 1, total: WIZARD_STEPS.length })}>
        {WIZARD_STEPS.map((one, index) => (
          <li key={one} aria-current={index === at ? "step" : undefined} className={classes("flex-1 border-t-4 pt-1 text-xs", index <= at ? "border-ink" : "border-line text-muted", index === at && "font-semibold")}>
            <span className={index === at ? "" : "max-sm:sr-only"}>{t(`steps.${one}`)}</span>
          </li>
        ))}
      </ol>
      <h1 className="text-xl">{title}</h1>
      {lead != null ? <p className="mt-1 text-muted">{lead}</p> : null}
      {chosen.length > 0 ? (
        <ul className="mt-4 divide-y divide-line rounded-md border border-line bg-surface">
          {chosen.map((one) => (
            <li key={one.step} className="flex items-center justify-between gap-3 pl-4">
              <span className="flex min-w-0 items-center gap-3 py-2 text-sm"><Icon icon={faCheck} className="text-muted" label={t("chosen")} /><span className="min-w-0">{one.text}</span></span>
              <Link href={one.href} className="inline-flex min-h-11 shrink-0 items-center px-4 text-sm underline underline-offset-2">{t("change")}<span className="sr-only">: {t(`steps.${one.step}`)}</span></Link>
            </li>
          ))}
        </ul>
      ) : null}
      <div className="mt-4">{children}</div>
    </div>
  );
}

/** The one primary action, always in view: above the phone's bar, inside the safe area. */
export function WizardFooter({ children }: { readonly children: ReactNode }) {
  return (
    <div className="sticky bottom-[calc(3.5rem+env(safe-area-inset-bottom))] z-20 -mx-3 mt-6 flex flex-col gap-2 border-t border-line bg-bg px-3 pt-3 pb-7 sm:flex-row-reverse sm:items-center sm:justify-between md:bottom-0 md:mx-0 md:px-0 md:pb-3">{children}</div>
  );
}
