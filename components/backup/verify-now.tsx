"use client";
import { faShieldHalved } from "@fortawesome/free-solid-svg-icons/faShieldHalved";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { Ask } from "../ui/ask.tsx";
import { Button } from "../ui/button.tsx";
import type { ShownFault } from "../ui/fault-panel.tsx";
import { Choice } from "../ui/field.tsx";

interface VerifyNowProps {
  readonly onVerify: (level: "intact" | "proven") => Promise<{ ok: true; value: { runId: string } } | { ok: false; fault: ShownFault }>;
}

/** «Verify now»: how thoroughly, then to the run. */
export function VerifyNow({ onVerify }: VerifyNowProps) {
  const t = useTranslations("backups");
  const ui = useTranslations("ui");
  const router = useRouter();
  const [level, setLevel] = useState<"intact" | "proven">("proven");
  return (
    <Ask
      title={t("verifyTitle")}
      description={t("verifyText")}
      trigger={<Button icon={faShieldHalved}>{t("verify")}</Button>}
      refuse={ui("cancel")}
      confirm={{ label: t("verifyStart"), look: "primary" }}
      act={() => onVerify(level)}
      onDone={({ runId }) => {
        toast.success(t("started"));
        router.push(`/activity/${runId}`);
      }}
    >
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-2 text-sm font-medium">{t("level")}</legend>
        {(["proven", "intact"] as const).map((one) => <Choice key={one} type="radio" name="level" checked={level === one} onChange={() => setLevel(one)} label={t(one)} hint={t(`${one}Hint`)} />)}
      </fieldset>
    </Ask>
  );
}
