"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState, useTransition } from "react";
import { Button } from "../../ui/button.tsx";
import { FaultPanel, type ShownFault } from "../../ui/fault-panel.tsx";
import { Choice } from "../../ui/field.tsx";
import { WizardFooter } from "../wizard-frame.tsx";
import { HoldButton } from "./hold-button.tsx";
import { TypedName } from "./typed-name.tsx";

interface ConfirmFormProps {
  /** In place: what must be typed. Null = beside or another server: hold. */
  readonly typedName: string | null;
  /** What is replaced is kept as it is, instead of copied before. */
  readonly kept: boolean;
  readonly onStart: (typedName?: string) => Promise<{ ok: true; value: { runId: string } } | { ok: false; fault: ShownFault }>;
}

/** The last step: hold for two seconds, or type the name of what is replaced. */
export function ConfirmForm({ typedName, kept, onStart }: ConfirmFormProps) {
  const t = useTranslations("recovery.confirm");
  const router = useRouter();
  const [typed, setTyped] = useState("");
  const [told, setTold] = useState(false);
  const [ticked, setTicked] = useState(false);
  const [fault, setFault] = useState<ShownFault | null>(null);
  const [busy, run] = useTransition();
  const start = (name?: string) =>
    run(async () => {
      setFault(null);
      const answer = await onStart(name);
      if (!answer.ok) return setFault(answer.fault);
      router.push(`/activity/${answer.value.runId}`);
    });
  const typedRight = typed === typedName;
  return (
    <>
      {typedName === null ? (
        <>
          <p id="hold-hint" className="mt-4 text-sm text-muted">{t("holdHint")}</p>
          <div className="mt-3"><Choice type="checkbox" checked={ticked} onChange={(event) => setTicked(event.target.checked)} label={t("alternative")} /></div>
        </>
      ) : (
        <TypedName label={t("typeLabel", { name: typedName })} hint={t(kept ? "typeHintKept" : "typeHint")} wrong={told && !typedRight ? t("typeWrong") : undefined} value={typed} onType={setTyped} />
      )}
      {fault ? <div className="mt-4"><FaultPanel fault={fault} /></div> : null}
      <WizardFooter>
        {typedName !== null ? (
          <Button
            look="danger"
            size="lg"
            className="max-sm:w-full sm:min-w-56"
            disabled={busy}
            aria-busy={busy}
            onClick={() => {
              setTold(true);
              if (typedRight) start(typed);
            }}
          >
            {busy ? t("starting") : t("destroy")}
          </Button>
        ) : ticked ? (
          <Button look="primary" size="lg" wide disabled={busy} aria-busy={busy} onClick={() => start()}>{busy ? t("starting") : t("start")}</Button>
        ) : (
          <HoldButton label={busy ? t("starting") : t("hold")} holding={t("holding")} describedBy="hold-hint" disabled={busy} onHeld={() => start()} />
        )}
      </WizardFooter>
    </>
  );
}
