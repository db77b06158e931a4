"use client";
import { faForwardStep } from "@fortawesome/free-solid-svg-icons/faForwardStep";
import { faCodeCompare } from "@fortawesome/free-solid-svg-icons/faCodeCompare";
import { faPlay } from "@fortawesome/free-solid-svg-icons/faPlay";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { Ask } from "../ui/ask.tsx";
import { Button } from "../ui/button.tsx";
import type { ShownFault } from "../ui/fault-panel.tsx";
import { Choice } from "../ui/field.tsx";

interface RunNowProps {
  readonly kind: "full" | "differential" | "incremental";
  readonly policies: readonly { readonly name: string; readonly label: string; readonly server: string }[];
  readonly onRun: (policy: string) => Promise<{ ok: true; value: { runId: string } } | { ok: false; fault: ShownFault }>;
}

/** «Back up now», the whole, what changed or what came since: choose the policy, start, go to the run. */
export function RunNow({ kind, policies, onRun }: RunNowProps) {
  const t = useTranslations("dashboard");
  const ui = useTranslations("ui");
  const router = useRouter();
  const [policy, setPolicy] = useState(policies[0]?.name ?? "");
  return (
    <Ask
      title={t(`now.${kind}.title`)}
      description={t(`now.${kind}.text`)}
      trigger={<Button look={kind === "full" ? "primary" : "secondary"} size="lg" icon={ICON[kind]} className={kind === "full" ? undefined : "max-sm:px-2"} disabled={policies.length === 0}><span>{t.rich(LABEL[kind], { now: (word) => <span className="max-sm:sr-only">{word}</span> })}</span></Button>}
      refuse={ui("cancel")}
      confirm={{ label: t("start"), look: "primary", icon: ICON[kind], disabled: policy === "" }}
      act={() => onRun(policy)}
      onDone={({ runId }) => {
        toast.success(t("started"));
        router.push(`/activity/${runId}`);
      }}
    >
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-2 text-sm font-medium">{t("policy")}</legend>
        {policies.map((one) => <Choice key={one.name} type="radio" name="policy" value={one.name} checked={policy === one.name} onChange={() => setPolicy(one.name)} label={one.label} hint={`${one.name} · ${one.server}`} />)}
      </fieldset>
    </Ask>
  );
}

const ICON = { full: faPlay, differential: faCodeCompare, incremental: faForwardStep } as const;
const LABEL = { full: "runNow", differential: "differentialNow", incremental: "incrementalNow" } as const;
