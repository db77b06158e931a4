import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { BoundaryFacts, boundaryInstant } from "#components/recovery/boundary-facts.tsx";
import { ChangesByTable } from "#components/recovery/changes-by-table.tsx";
import { ConfirmForm } from "#components/recovery/confirm-step/confirm-form.tsx";
import { PlanFacts } from "#components/recovery/plan-step/plan-facts.tsx";
import { PlanRoads } from "#components/recovery/plan-step/plan-roads.tsx";
import { PlanSteps } from "#components/recovery/plan-step/plan-steps.tsx";
import { Validity } from "#components/recovery/plan-step/validity.tsx";
import { WizardFooter, WizardFrame } from "#components/recovery/wizard-frame.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { FaultPanel } from "#components/ui/fault-panel.tsx";
import { Guarded } from "#components/ui/guarded.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { runId as planIdShape } from "#lib/contract/names.ts";
import type { PlanView } from "#lib/contract/views/recovery.ts";
import { getFormats } from "#lib/i18n/server-formats.ts";
import { readPlan } from "#lib/services/recovery/read-plan.ts";
import { pageContext } from "../../../current-actor.ts";
import { shown } from "../../../show-fault.ts";
import { startRestoreAction } from "../actions.ts";
import { addressOf } from "../draft.ts";

interface PlanPageProps {
  readonly params: Promise<{ planId: string }>;
  readonly searchParams: Promise<{ confirm?: string }>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("recovery"))("plan.title") };
}

/** A stored plan: read it, then confirm it. Anyone with the address and the right sees the same plan. */
export default async function PlanPage({ params, searchParams }: PlanPageProps) {
  const [{ planId }, { confirm }] = await Promise.all([params, searchParams]);
  if (!planIdShape.safeParse(planId).success) notFound();
  const [context, t, ui, exact, format] = await Promise.all([pageContext(), getTranslations("recovery"), getTranslations("ui"), getTranslations("instant.boundary"), getFormats()]);
  const view = await shown(readPlan(context, { id: planId }));
  const { plan } = view;
  const over = view.expired || view.runId !== null;
  const confirming = confirm === "1" && !over && view.canStart;
  const { boundary } = plan.request;
  const at = boundary ? boundaryInstant(boundary) : null;
  const title = <span className="block">{t("plan.returnTo", { at: at === null ? format.instant(plan.snapshotAt) : format.precise(at) })}</span>;
  const again = addressOf(plan.request);
  const { environment } = plan.target;
  const word = `environment.${environment}` as "environment.test";
  if (confirming) {
    return (
      <WizardFrame step="confirm" title={title} chosen={[{ step: "plan", text: t("plan.title"), href: `/recovery/${planId}` }]}>
        {plan.typedName === null ? null : <Notice tone="danger" title={t("confirm.inPlaceTitle", { environment: ui.has(word) ? ui(word) : environment.toUpperCase() })}>{plan.steps.flatMap((step) => step.replaces).join(", ")}</Notice>}
        {boundary ? <div className="mt-4"><Card title={exact("title")}><BoundaryFacts boundary={boundary} /></Card></div> : null}
        <div className="mt-4"><Card title={t("plan.by", { who: view.requestedBy })} aside={<Validity until={view.expiresAt} now={context.clock.now()} />}><PlanFacts plan={plan} /></Card></div>
        <p className="mt-4 text-sm">{t("confirm.closeable")}</p>
        <ConfirmForm typedName={plan.typedName} kept={plan.request.target.kind === "replace"} onStart={startRestoreAction.bind(null, planId, plan.hash)} />
      </WizardFrame>
    );
  }
  return (
    <WizardFrame step="plan" title={title} lead={over ? undefined : t("plan.lead")}>
      <div className="flex flex-col gap-4">
        <State view={view} again={again} />
        {boundary ? <Card title={exact("title")}><BoundaryFacts boundary={boundary} /></Card> : null}
        {boundary?.changes ? <ChangesByTable changes={boundary.changes} /> : null}
        <Card title={t("plan.by", { who: view.requestedBy })} aside={over ? null : <Validity until={view.expiresAt} now={context.clock.now()} />}><PlanFacts plan={plan} /></Card>
        {plan.warnings.length > 0 ? (
          <section className="flex flex-col gap-3">
            <h2 className="text-base">{t("plan.warnings")}</h2>
            {plan.warnings.map((warning) => <FaultPanel key={`${warning.code} ${JSON.stringify(warning.params)}`} fault={warning} severity="warning" />)}
          </section>
        ) : null}
        {plan.roads && plan.roads.length > 1 ? <Card title={t("roads.title")}><PlanRoads roads={plan.roads} /></Card> : null}
        <Card title={t("plan.title")}>
          <PlanSteps steps={plan.steps} />
          {plan.steps.every((step) => step.replaces.length + step.deletes.length === 0) ? <p className="mt-4 font-medium text-ok-fg">{t("plan.nothingReplaced")}</p> : null}
        </Card>
      </div>
      {over ? null : (
        <WizardFooter>
          <Guarded role={context.actor.role} action={START[plan.request.target.kind]} environment={environment} label={t("plan.toConfirm")} wide>
            <ButtonLink href={`/recovery/${planId}?confirm=1`} look="primary" size="lg" className="max-sm:w-full sm:min-w-56">{t("plan.toConfirm")}</ButtonLink>
          </Guarded>
          <ButtonLink href={again} look="quiet">{t("plan.backToTarget")}</ButtonLink>
        </WizardFooter>
      )}
    </WizardFrame>
  );
}

/** What a person must be allowed to do, by where it goes. */
const START = { beside: "restore.run-beside", server: "restore.run-beside", "in-place": "restore.run-in-place", instance: "restore.run-instance", replace: "restore.run-in-place" } as const;

async function State({ view, again }: { readonly view: PlanView; readonly again: string }) {
  const t = await getTranslations("recovery.plan");
  if (view.runId !== null) return <Notice tone="info" title={t("used")} actions={<ButtonLink href={`/activity/${view.runId}`} look="primary">{t("seeRun")}</ButtonLink>} />;
  if (view.expired) return <Notice tone="warn" title={t("expired")} actions={<ButtonLink href={again} look="primary">{t("again")}</ButtonLink>}>{t("expiredText")}</Notice>;
  return null;
}
