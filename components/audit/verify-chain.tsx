"use client";
import { faLink } from "@fortawesome/free-solid-svg-icons/faLink";
import { useTranslations } from "next-intl";
import { useState, useTransition } from "react";
import type { AuditVerdict } from "#lib/contract/views/people.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { FaultPanel, type ShownFault } from "../ui/fault-panel.tsx";
import { Notice } from "../ui/notice.tsx";

type Answer = { ok: true; value: AuditVerdict } | { ok: false; fault: ShownFault };

/** Checks the whole chain and shows the verdict with the head to note down. */
export function VerifyChain({ onVerify }: { readonly onVerify: () => Promise<Answer> }) {
  const t = useTranslations("people");
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [busy, start] = useTransition();
  const verify = () => start(async () => setAnswer(await onVerify()));
  const verdict = answer?.ok ? answer.value : null;
  return (
    <div className="mb-4 flex flex-col gap-3">
      <div><Button icon={faLink} onClick={verify} disabled={busy} aria-busy={busy}>{busy ? t("verifying") : t("verify")}</Button></div>
      <div aria-live="polite" className="empty:hidden">
        {verdict ? (
          <Notice tone={verdict.ok ? "ok" : "danger"} title={verdict.ok ? t("verifyOk", { count: verdict.entries }) : t("verifyBroken", { at: verdict.brokenAt })} actions={<CopyButton text={verdict.head} />}>
            {verdict.ok ? null : <p>{t(`problem.${verdict.problem}`)}</p>}
            <p>{t("head")}: <span className="font-mono text-xs break-all">{verdict.head}</span></p>
          </Notice>
        ) : null}
        {answer && !answer.ok ? <FaultPanel fault={answer.fault} /> : null}
      </div>
    </div>
  );
}
