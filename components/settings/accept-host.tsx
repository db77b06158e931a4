"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useState, useTransition } from "react";
import { toast } from "sonner";
import type { PendingHost } from "#lib/contract/views/settings.ts";
import { Button } from "../ui/button.tsx";
import { FaultPanel, type ShownFault } from "../ui/fault-panel.tsx";
import { TextField } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { TimeAgo } from "../ui/time-ago.tsx";

interface AcceptHostProps {
  readonly pending: PendingHost;
  readonly onAccept: (code: string) => Promise<{ ok: true; value: unknown } | { ok: false; fault: ShownFault }>;
}

/** A worker that waits: compare the fingerprint, type its code. */
export function AcceptHost({ pending, onAccept }: AcceptHostProps) {
  const t = useTranslations("settings");
  const router = useRouter();
  const [code, setCode] = useState("");
  const [told, setTold] = useState(false);
  const [fault, setFault] = useState<ShownFault | null>(null);
  const [busy, start] = useTransition();
  const short = code.trim().length < 12;
  const accept = (event: FormEvent) => {
    event.preventDefault();
    setTold(true);
    if (short) return;
    start(async () => {
      setFault(null);
      const answer = await onAccept(code.trim());
      if (!answer.ok) return setFault(answer.fault);
      toast.success(t("accepted"));
      router.refresh();
    });
  };
  return (
    <form onSubmit={accept} noValidate className="flex flex-col gap-3 py-3 first:pt-0 last:pb-0">
      <p className="flex flex-wrap items-baseline gap-x-3"><strong className="font-mono">{pending.host}</strong><span className="text-sm text-muted">{pending.hostname} · <TimeAgo at={pending.at} /></span></p>
      <p className="text-sm">{t("fingerprint")}: <span className="font-mono text-base font-semibold">{pending.fingerprint}</span><span className="block text-muted">{t("fingerprintHint")}</span></p>
      {pending.replaces ? <Notice tone="warn">{t("replaces")}</Notice> : null}
      <div className="flex flex-wrap items-end gap-3">
        <div className="min-w-0 flex-1 basis-56">
          <TextField id={`code-${pending.host}`} label={t("code")} hint={t("codeHint")} error={told && short ? t("codeMissing") : undefined} value={code} onChange={(event) => setCode(event.target.value)} autoComplete="off" autoCapitalize="characters" spellCheck={false} className="font-mono" />
        </div>
        <Button type="submit" look="primary" disabled={busy} aria-busy={busy} className="max-sm:w-full">{t("accept")}</Button>
      </div>
      {fault ? <FaultPanel fault={fault} /> : null}
    </form>
  );
}
