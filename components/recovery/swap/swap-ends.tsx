"use client";
import { faTrashCan } from "@fortawesome/free-solid-svg-icons/faTrashCan";
import { faWrench } from "@fortawesome/free-solid-svg-icons/faWrench";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Ask } from "../../ui/ask.tsx";
import { Button } from "../../ui/button.tsx";
import type { ShownFault } from "../../ui/fault-panel.tsx";
import { TypedName } from "../confirm-step/typed-name.tsx";

type Started = { ok: true; value: { runId: string } } | { ok: false; fault: ShownFault };

interface RecoverSwapProps {
  readonly onRecover: () => Promise<Started>;
}

/** Ends a swap that a lost worker left half-way, then to its run. */
export function RecoverSwap({ onRecover }: RecoverSwapProps) {
  const t = useTranslations("swap.standing");
  const ui = useTranslations("ui");
  const router = useRouter();
  return (
    <Ask
      title={t("recoverTitle")}
      trigger={<Button look="primary" icon={faWrench}>{t("recover")}</Button>}
      refuse={ui("cancel")}
      confirm={{ label: t("recover"), look: "primary" }}
      act={onRecover}
      onDone={({ runId }) => router.push(`/activity/${runId}`)}
    >
      <p>{t("recoverText")}</p>
    </Ask>
  );
}

interface DropReplacedProps {
  /** What must be typed. */
  readonly name: string;
  /** Schemas that go. */
  readonly schemas: readonly string[];
  readonly onDrop: (typedName: string) => Promise<Started>;
}

/** Drops what a swap has replaced, once its name was typed; then to the run. */
export function DropReplaced({ name, schemas, onDrop }: DropReplacedProps) {
  const t = useTranslations("swap.standing");
  const words = useTranslations("swap");
  const ui = useTranslations("ui");
  const router = useRouter();
  const [typed, setTyped] = useState("");
  return (
    <Ask
      title={t("dropTitle")}
      trigger={<Button look="danger-outline" icon={faTrashCan}>{t("drop")}</Button>}
      refuse={ui("cancel")}
      confirm={{ label: t("dropConfirm"), look: "danger", disabled: typed !== name }}
      act={() => onDrop(typed)}
      onDone={({ runId }) => router.push(`/activity/${runId}`)}
    >
      <p>{t("dropText")}</p>
      <p className="mt-2 font-mono text-sm break-words">{schemas.join(", ")}</p>
      <TypedName label={words("typeLabel", { name })} hint={t("dropHint")} wrong={undefined} value={typed} onType={setTyped} />
    </Ask>
  );
}
