"use client";
import { faFolderTree } from "@fortawesome/free-solid-svg-icons/faFolderTree";
import { useTranslations } from "next-intl";
import { useState, useTransition } from "react";
import { Button } from "../ui/button.tsx";
import { FaultPanel, type ShownFault } from "../ui/fault-panel.tsx";
import { Notice } from "../ui/notice.tsx";

interface RebuildCatalogProps {
  readonly onRebuild: () => Promise<{ ok: true; value: { readonly sets: number; readonly untrusted: readonly string[]; readonly problems: readonly ShownFault[] } } | { ok: false; fault: ShownFault }>;
}

/** Reads what a destination holds into the catalog: after the console's database was lost, or on a new one. Adds and refreshes, removes nothing. */
export function RebuildCatalog({ onRebuild }: RebuildCatalogProps) {
  const t = useTranslations("settings");
  const [answer, setAnswer] = useState<Awaited<ReturnType<RebuildCatalogProps["onRebuild"]>> | null>(null);
  const [busy, start] = useTransition();
  const rebuild = () =>
    start(async () => {
      setAnswer(null);
      setAnswer(await onRebuild());
    });
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <div><Button icon={faFolderTree} onClick={rebuild} disabled={busy} aria-busy={busy} title={t("reindexHint")}>{busy ? t("reindexing") : t("reindex")}</Button></div>
      <div aria-live="polite" className="flex flex-col gap-3 empty:hidden">
        {answer?.ok ? (
          <Notice tone={answer.value.untrusted.length > 0 ? "warn" : "ok"} title={t("reindexed", { count: answer.value.sets })}>
            {answer.value.untrusted.length > 0 ? <p>{t("reindexUntrusted")} <span className="font-mono text-xs break-all">{answer.value.untrusted.join(", ")}</span></p> : null}
          </Notice>
        ) : null}
        {answer?.ok ? answer.value.problems.map((fault) => <FaultPanel key={`${fault.code} ${JSON.stringify(fault.params)}`} fault={fault} severity="warning" />) : null}
        {answer && !answer.ok ? <FaultPanel fault={answer.fault} /> : null}
      </div>
    </div>
  );
}
