import { useTranslations } from "next-intl";
import type { RestoreTest } from "#lib/contract/manifest/verification.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Card } from "../ui/card.tsx";
import { Facts } from "../ui/facts.tsx";
import { Instant } from "../ui/instant.tsx";
import { Meter } from "../ui/meter.tsx";
import { Notice } from "../ui/notice.tsx";
import { Status } from "../ui/status.tsx";

/** What the restore test compared and found. */
export function ProofCard({ test }: { readonly test: RestoreTest | null }) {
  const t = useTranslations("backups");
  const run = useTranslations("run");
  const format = useFormats();
  if (!test) return <Card title={t("proofTitle")}><Notice tone="warn">{t("proofNone")}</Notice></Card>;
  const { compared, differences, stages } = test;
  const total = Math.max(1, ...stages.map((stage) => stage.seconds));
  const stageWord = (name: string) => (run.has(`stage.${name}` as "stage.load") ? run(`stage.${name}` as "stage.load") : name);
  return (
    <Card title={t("proofTitle")} aside={<Status state={test.verdict} />}>
      <Notice tone={test.verdict === "proven" ? "ok" : "danger"}>{test.verdict === "proven" ? t("proofOk") : t("proofRefused", { count: differences.length })}</Notice>
      <div className="mt-4">
        <Facts
          items={[
            [t("proofAt"), <Instant key="at" at={test.finishedAt} as="ago" />],
            [t("restoreTime"), <strong key="time">{format.duration(test.restoreSeconds)}</strong>],
            [t("proofCopy"), <span key="copy" className="font-mono text-xs">{test.destination}</span>],
            [t("proofVersion"), test.serverVersion],
            [t("proofHost"), <span key="host" className="font-mono text-xs">{test.host}</span>],
            [t("compared"), (Object.keys(compared) as (keyof typeof compared)[]).filter((key) => compared[key] > 0).map((key) => `${format.number(compared[key])} ${t(`comparedItem.${key}`)}`).join(" · ")],
          ]}
        />
      </div>
      {differences.length > 0 ? <Differences differences={differences} /> : null}
      <h3 className="mt-5 mb-2 text-sm font-semibold">{t("stages")}</h3>
      <ul className="flex flex-col gap-2 text-sm">
        {stages.map((stage) => (
          <li key={stage.name} className="grid grid-cols-[minmax(0,9rem)_1fr_5rem] items-center gap-3">
            <span>{stageWord(stage.name)}</span>
            <Meter share={stage.seconds / total} tone="neutral" label={stageWord(stage.name)} />
            <span className="tabular text-right whitespace-nowrap">{format.duration(stage.seconds)}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Differences({ differences }: { readonly differences: RestoreTest["differences"] }) {
  const t = useTranslations("backups");
  return (
    <>
      <h3 className="mt-5 mb-2 text-sm font-semibold">{t("differences")}</h3>
      <ul className="divide-y divide-line rounded-sm border border-line text-sm">
        {differences.slice(0, 200).map((difference) => (
          <li key={`${difference.kind} ${difference.object} ${difference.found}`} className="grid gap-x-4 gap-y-1 px-3 py-2 sm:grid-cols-[8rem_1fr_1fr_1fr]">
            <span className="font-medium text-danger-fg">{t(`differenceKind.${difference.kind}`)}</span>
            <span className="font-mono text-xs">{difference.object}</span>
            <span><span className="text-muted">{t("difference.expected")}: </span>{difference.expected}</span>
            <span><span className="text-muted">{t("difference.found")}: </span>{difference.found}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
