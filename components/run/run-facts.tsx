import Link from "next/link";
import { useTranslations } from "next-intl";
import type { RunDetail } from "#lib/contract/views/run.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Card } from "../ui/card.tsx";
import { Facts } from "../ui/facts.tsx";
import { Bytes, Instant } from "../ui/instant.tsx";

/** Where, when and for whom a run was. */
export function RunFacts({ run }: { readonly run: RunDetail }) {
  const t = useTranslations("run");
  const format = useFormats();
  const mono = (text: string | null) => (text === null ? null : <span className="font-mono text-xs">{text}</span>);
  const setId = run.setId;
  return (
    <Card title={t("facts")}>
      <Facts
        items={[
          [t("server"), mono(run.server)],
          [t("host"), mono(run.host)],
          [t("policy"), mono(run.policy)],
          [t("trigger_"), t(`trigger.${run.trigger}`)],
          [t("requestedBy"), run.requestedBy],
          [t("queuedAt"), <Instant key="queued" at={run.queuedAt} />],
          [t("startedAt"), run.startedAt && <Instant at={run.startedAt} />],
          [t("finishedAt"), run.finishedAt && <Instant at={run.finishedAt} />],
          [t("duration"), run.seconds === null ? null : format.duration(run.seconds)],
          [t("bytes"), run.bytes === null ? null : <Bytes key="bytes" value={run.bytes} />],
          [t("set"), setId && <Link href={`/backups/${setId}`} className="inline-flex min-h-11 items-center font-mono text-xs underline underline-offset-2 md:min-h-6">{setId}</Link>],
        ]}
      />
    </Card>
  );
}
