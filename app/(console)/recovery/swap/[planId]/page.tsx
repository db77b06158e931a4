import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { Validity } from "#components/recovery/plan-step/validity.tsx";
import { SwapConfirm } from "#components/recovery/swap/swap-confirm.tsx";
import { SwapFacts } from "#components/recovery/swap/swap-facts.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { FaultPanel } from "#components/ui/fault-panel.tsx";
import { Guarded } from "#components/ui/guarded.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { runId as planIdShape } from "#lib/contract/names.ts";
import { readSwapPlan } from "#lib/services/recovery/read-swap-plan.ts";
import { pageContext } from "../../../../current-actor.ts";
import { shown } from "../../../../show-fault.ts";
import { startSwapAction } from "../actions.ts";

interface SwapPageProps {
  readonly params: Promise<{ planId: string }>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("swap"))("title") };
}

/** A stored plan of a swap: read it, type the name, go. */
export default async function SwapPage({ params }: SwapPageProps) {
  const { planId } = await params;
  if (!planIdShape.safeParse(planId).success) notFound();
  const [context, t] = await Promise.all([pageContext(), getTranslations("swap")]);
  const { plan, requestedBy, expired, expiresAt, runId } = await shown(readSwapPlan(context, { id: planId }));
  const over = expired || runId !== null;
  return (
    <div className="mx-auto max-w-3xl">
      <PageHeader title={t(plan.request.undoes === undefined ? "title" : "undoTitle")} lead={over ? undefined : t("lead")} />
      <div className="flex flex-col gap-4">
        {runId !== null ? <Notice tone="info" title={t("used")} actions={<ButtonLink href={`/activity/${runId}`} look="primary">{t("seeRun")}</ButtonLink>} /> : expired ? <Notice tone="warn" title={t("expired")} /> : null}
        <Card title={t("by", { who: requestedBy })} aside={over ? null : <Validity until={expiresAt} now={context.clock.now()} />}>
          {plan.request.pairs.map((pair) => <p key={pair.live} className="font-mono text-sm break-words">{t("pair", pair)}</p>)}
        </Card>
        {plan.warnings.length > 0 ? (
          <section className="flex flex-col gap-3">
            <h2 className="text-base">{t("warnings")}</h2>
            {plan.warnings.map((warning) => <FaultPanel key={`${warning.code} ${JSON.stringify(warning.params)}`} fault={warning} severity="warning" />)}
          </section>
        ) : null}
        <SwapFacts plan={plan} />
      </div>
      {over ? null : (
        <Guarded role={context.actor.role} action="restore.swap" environment={plan.target.environment} label={t("start")} wide>
          <SwapConfirm typedName={plan.typedName} onStart={startSwapAction.bind(null, planId, plan.hash)} />
        </Guarded>
      )}
    </div>
  );
}
