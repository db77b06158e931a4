import { useTranslations } from "next-intl";
import type { NextFire } from "#lib/contract/views/status.ts";
import { Card } from "../ui/card.tsx";
import { Empty } from "../ui/empty.tsx";
import { Instant } from "../ui/instant.tsx";
import { TimeAgo } from "../ui/time-ago.tsx";
import { faClock } from "@fortawesome/free-solid-svg-icons/faClock";

/** What will start by itself, soonest first. */
export function NextList({ fires }: { readonly fires: readonly NextFire[] }) {
  const t = useTranslations("dashboard");
  const option = useTranslations("settings.option");
  if (fires.length === 0) return <Card title={t("next")}><Empty icon={faClock} title={t("noNext")} text={t("noNextText")} /></Card>;
  return (
    <Card title={t("next")}>
      <ol className="flex flex-col divide-y divide-line text-sm">
        {fires.map((fire) => (
          <li key={`${fire.schedule}-${fire.at}`} className="flex flex-wrap items-baseline justify-between gap-x-3 py-2 first:pt-0 last:pb-0">
            <span className="font-medium">{option(fire.kind)}</span>
            <span className="text-muted"><TimeAgo at={fire.at} /></span>
            <span className="basis-full"><Instant at={fire.at} /> <span className="font-mono text-xs text-muted">{fire.policy}</span></span>
          </li>
        ))}
      </ol>
    </Card>
  );
}
