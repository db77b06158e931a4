"use client";
import { faBan } from "@fortawesome/free-solid-svg-icons/faBan";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { toast } from "sonner";
import type { RunKind } from "#lib/contract/events.ts";
import { Ask } from "../ui/ask.tsx";
import { Button } from "../ui/button.tsx";
import type { ShownFault } from "../ui/fault-panel.tsx";

interface CancelRunProps {
  readonly kind: RunKind;
  readonly queued: boolean;
  readonly onCancel: () => Promise<{ ok: true; value: { state: "cancelled" | "asked" } } | { ok: false; fault: ShownFault }>;
}

/** Stops a run after telling what that costs. */
export function CancelRun({ kind, queued, onCancel }: CancelRunProps) {
  const t = useTranslations("run");
  const router = useRouter();
  return (
    <Ask
      title={t("cancelTitle")}
      trigger={<Button look="danger-outline" icon={faBan}>{t("cancel")}</Button>}
      refuse={t("cancelKeep")}
      confirm={{ label: t("cancelConfirm"), look: "danger" }}
      act={onCancel}
      onDone={({ state }) => {
        toast.success(t(state === "cancelled" ? "cancelDone" : "cancelSent"));
        router.refresh();
      }}
    >
      <p>{t(`cancelCost.${queued ? "queued" : kind}`)}</p>
    </Ask>
  );
}
