import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Suspense } from "react";
import { SwapList } from "#components/recovery/swap/swap-list.tsx";
import { Card } from "#components/ui/card.tsx";
import { Empty } from "#components/ui/empty.tsx";
import { FaultPanel } from "#components/ui/fault-panel.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { isAllowed } from "#lib/domain/access/permissions.ts";
import { faultRecord } from "#lib/domain/fault/fault.ts";
import { listSwaps } from "#lib/services/recovery/list-swaps.ts";
import { readSettings } from "#lib/services/settings/read-settings.ts";
import { pageContext } from "../../../current-actor.ts";
import { shown } from "../../../show-fault.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("swap.standing"))("list") };
}

/** Every swap that the hosts have a record of, server by server: those of the command line too. */
export default async function SwapsPage() {
  const [context, t, words] = await Promise.all([pageContext(), getTranslations("swap.standing"), getTranslations("recovery")]);
  if (!isAllowed(context.actor.role, "restore.plan")) return <Notice tone="warn" title={words("forbiddenTitle")} />;
  const { servers } = await shown(readSettings(context));
  const targets = servers.filter(({ config }) => config.restoreTarget);
  return (
    <>
      <PageHeader title={t("list")} lead={t("listLead")} />
      <div className="flex flex-col gap-4">
        {targets.length === 0 ? <Empty title={t("none")} text={t("noneText")} /> : null}
        {targets.map(({ config }) => (
          <Card key={config.name} title={<span className="font-mono text-sm">{config.name}</span>} flush>
            <Suspense fallback={<div role="status" className="p-4"><p className="mb-2 text-sm text-muted">{t("asking")}</p><Skeleton className="h-16 w-full" /></div>}>
              <OfServer server={config.name} />
            </Suspense>
          </Card>
        ))}
      </div>
    </>
  );
}

async function OfServer({ server }: { readonly server: string }) {
  const [context, t] = await Promise.all([pageContext(), getTranslations("swap.standing")]);
  const answer = await listSwaps(context, { server }).then((swaps) => ({ swaps }), (error: unknown) => ({ fault: faultRecord(error) }));
  if ("fault" in answer) return <div className="p-4"><FaultPanel fault={answer.fault} severity="warning" /></div>;
  return answer.swaps.length === 0 ? <Empty title={t("none")} text={t("noneText")} /> : <SwapList server={server} swaps={answer.swaps} />;
}
