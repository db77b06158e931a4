import { getTranslations } from "next-intl/server";
import { DropReplaced, RecoverSwap } from "#components/recovery/swap/swap-ends.tsx";
import { SwapOffer } from "#components/recovery/swap/swap-offer.tsx";
import { SwapPair } from "#components/recovery/swap/swap-pair.tsx";
import { SwapState } from "#components/recovery/swap/swap-state.tsx";
import { Card } from "#components/ui/card.tsx";
import { Guarded } from "#components/ui/guarded.tsx";
import { Link } from "#components/ui/link.tsx";
import { listSwaps } from "#lib/services/recovery/list-swaps.ts";
import { pageContext } from "../../../current-actor.ts";
import { endSwapAction, planSwapAction } from "../../recovery/swap/actions.ts";
import { SwapCard } from "./swap-card.tsx";

interface SwapStandingProps {
  readonly runId: string;
  readonly server: string;
  readonly environment: string | null;
}

/** How a swap stands by its host's record, and what may follow: the way back, the end of one left half-way, clearing away what it replaced. */
export async function SwapStanding({ runId, server, environment }: SwapStandingProps) {
  const [context, t, offer] = await Promise.all([pageContext(), getTranslations("swap.standing"), getTranslations("swap.offer")]);
  const swaps = await listSwaps(context, { server }).catch(() => null);
  if (!swaps) return <SwapCard runId={runId} environment={environment} />;
  const swap = swaps.find((one) => one.runId === runId);
  if (!swap) return null;
  const { state, request, dropName } = swap;
  const guard = { role: context.actor.role, action: "restore.swap", environment } as const;
  const undoes = request.undoes !== undefined;
  return (
    <Card title={t("title")} aside={<SwapState state={state} />}>
      <p className="text-sm">{t(state === "swapped" && undoes ? "text.back" : `text.${state}`)}</p>
      {request.pairs.map((pair) => <p key={pair.live} className="mt-2"><SwapPair pair={pair} /></p>)}
      <div className="mt-4 flex flex-col items-start gap-3 empty:hidden">
        {state === "began" ? <Guarded {...guard} label={t("recover")}><RecoverSwap onRecover={endSwapAction.bind(null, { swap: runId, end: "recover" })} /></Guarded> : null}
        {state === "swapped" && !undoes ? (
          <Guarded {...guard} label={offer("planUndo")}><SwapOffer undo checks={0} onPlan={planSwapAction.bind(null, { kind: "undo", runId, lockWaitSeconds: request.lockWaitSeconds })} /></Guarded>
        ) : null}
        {state === "swapped" ? <Guarded {...guard} label={t("drop")} look="danger-outline"><DropReplaced name={dropName} schemas={request.pairs.map(({ kept }) => kept)} onDrop={endSwapAction.bind(null, { swap: runId, end: "drop" })} /></Guarded> : null}
      </div>
      <Link href="/recovery/swap" className="mt-3 inline-flex min-h-11 items-center text-sm underline underline-offset-2">{t("all")}</Link>
    </Card>
  );
}
