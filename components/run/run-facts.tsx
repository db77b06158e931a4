import { useTranslations } from "next-intl";
import type { RunDetail } from "#lib/contract/views/run.ts";
import type { RunCause } from "#lib/contract/events.ts";
import { faultText } from "#lib/domain/fault/fault.ts";
import { isFaultCode } from "#lib/domain/fault/table.ts";
import type { Formats } from "#lib/i18n/bound.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Card } from "../ui/card.tsx";
import { Facts } from "../ui/facts.tsx";
import { Bytes, Instant } from "../ui/instant.tsx";
import { Link } from "../ui/link.tsx";

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
          [t("cause"), run.cause && causeText(run.cause, t, format)],
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

/** Why it was started, where nobody asked for it. */
function causeText(cause: RunCause, t: ReturnType<typeof useTranslations<"run">>, format: Formats): string {
  if (cause.type === "schedule") return t(cause.late ? "causeLate" : "causeSchedule", { schedule: cause.schedule, at: format.instant(cause.dueAt) });
  if (cause.type === "lost-swap") return t("causeLostSwap", { swap: cause.swap });
  if (cause.type === "lost-replacement") return t("causeLostReplacement", { replacement: cause.replacement });
  const code = isFaultCode(cause.fault.code) ? cause.fault.code : "UNEXPECTED";
  return t("causeGap", { at: format.instant(cause.noticedAt), what: faultText({ code, params: { message: cause.fault.code, ...cause.fault.params } }, format.locale).what });
}
