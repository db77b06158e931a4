"use client";
import { faRightLeft } from "@fortawesome/free-solid-svg-icons/faRightLeft";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState, useTransition } from "react";
import type { SwapOutcome } from "#lib/contract/views/recovery.ts";
import { Button } from "../../ui/button.tsx";
import { FaultPanel, type ShownFault } from "../../ui/fault-panel.tsx";
import { Choice } from "../../ui/field.tsx";

interface SwapOfferProps {
  readonly undo: boolean;
  /** Own checks that can be run on the exchanged tables. */
  readonly checks: number;
  readonly onPlan: (ownChecks?: boolean) => Promise<{ ok: true; value: SwapOutcome } | { ok: false; fault: ShownFault }>;
}

/** Asks for the plan of a swap, or of the way back, and goes to it. */
export function SwapOffer({ undo, checks, onPlan }: SwapOfferProps) {
  const t = useTranslations("swap.offer");
  const router = useRouter();
  const [faults, setFaults] = useState<readonly ShownFault[]>([]);
  const [ownChecks, setOwnChecks] = useState(true);
  const [busy, run] = useTransition();
  const plan = () =>
    run(async () => {
      setFaults([]);
      const answer = await (checks > 0 ? onPlan(ownChecks) : onPlan());
      if (!answer.ok) return setFaults([answer.fault]);
      if (!answer.value.ok) return setFaults(answer.value.faults);
      router.push(`/recovery/swap/${answer.value.planId}`);
    });
  return (
    <div className="flex flex-col gap-3">
      {checks > 0 ? <Choice type="checkbox" checked={ownChecks} onChange={(event) => setOwnChecks(event.target.checked)} label={t("ownChecks", { count: checks })} hint={t("ownChecksHint")} /> : null}
      <Button look={undo ? "secondary" : "primary"} icon={faRightLeft} disabled={busy} aria-busy={busy} onClick={plan} className="self-start">{busy ? t("planning") : t(undo ? "planUndo" : "plan")}</Button>
      {faults.length > 0 ? <p className="font-medium">{t("refused")}</p> : null}
      {faults.map((fault) => <FaultPanel key={fault.code} fault={fault} />)}
    </div>
  );
}
