import { getTranslations } from "next-intl/server";
import { SwapOffer } from "#components/recovery/swap/swap-offer.tsx";
import { Card } from "#components/ui/card.tsx";
import { Guarded } from "#components/ui/guarded.tsx";
import { swapOffer } from "#lib/services/recovery/swap-offer.ts";
import { pageContext } from "../../../current-actor.ts";
import { planSwapAction } from "../../recovery/swap/actions.ts";

interface SwapCardProps {
  readonly runId: string;
  readonly environment: string | null;
}

/** After a restore beside: the swap. After a swap whose host does not tell how it stands: the way back. */
export async function SwapCard({ runId, environment }: SwapCardProps) {
  const [context, t] = await Promise.all([pageContext(), getTranslations("swap.offer")]);
  const offer = await swapOffer(context, { id: runId });
  if (!offer) return null;
  const undo = offer.order.kind === "undo";
  return (
    <Card title={t(undo ? "undoTitle" : "title")}>
      <p className="text-sm">{t(undo ? "undoText" : "text")}</p>
      <p className="mt-2 mb-4 font-mono text-xs break-words">{Object.entries(offer.pairs).map(([live, restored]) => `${restored} → ${live}`).join(", ")}</p>
      <Guarded role={context.actor.role} action="restore.swap" environment={environment} label={t(undo ? "planUndo" : "plan")}>
        <SwapOffer undo={undo} checks={offer.checks} onPlan={planSwapAction.bind(null, offer.order)} />
      </Guarded>
    </Card>
  );
}
