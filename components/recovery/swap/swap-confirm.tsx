"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState, useTransition } from "react";
import { Button } from "../../ui/button.tsx";
import { FaultPanel, type ShownFault } from "../../ui/fault-panel.tsx";
import { TypedName } from "../confirm-step/typed-name.tsx";
import { WizardFooter } from "../wizard-frame.tsx";

interface SwapConfirmProps {
  readonly typedName: string;
  readonly onStart: (typedName: string) => Promise<{ ok: true; value: { runId: string } } | { ok: false; fault: ShownFault }>;
}

/** The last step of a swap: the name of what changes is typed. */
export function SwapConfirm({ typedName, onStart }: SwapConfirmProps) {
  const t = useTranslations("swap");
  const router = useRouter();
  const [typed, setTyped] = useState("");
  const [told, setTold] = useState(false);
  const [fault, setFault] = useState<ShownFault | null>(null);
  const [busy, run] = useTransition();
  const right = typed === typedName;
  const start = () => {
    setTold(true);
    if (!right) return;
    run(async () => {
      setFault(null);
      const answer = await onStart(typed);
      if (!answer.ok) return setFault(answer.fault);
      router.push(`/activity/${answer.value.runId}`);
    });
  };
  return (
    <>
      <TypedName label={t("typeLabel", { name: typedName })} hint={t("typeHint")} wrong={told && !right ? t("typeWrong") : undefined} value={typed} onType={setTyped} />
      {fault ? <div className="mt-4"><FaultPanel fault={fault} /></div> : null}
      <WizardFooter>
        <Button look="danger" size="lg" className="max-sm:w-full sm:min-w-56" disabled={busy} aria-busy={busy} onClick={start}>{busy ? t("starting") : t("start")}</Button>
      </WizardFooter>
    </>
  );
}
