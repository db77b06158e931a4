import type { IconDefinition } from "@fortawesome/free-solid-svg-icons";
import { faArrowRight } from "@fortawesome/free-solid-svg-icons/faArrowRight";
import { faEraser } from "@fortawesome/free-solid-svg-icons/faEraser";
import { faHouseCrack } from "@fortawesome/free-solid-svg-icons/faHouseCrack";
import { faServer } from "@fortawesome/free-solid-svg-icons/faServer";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { ButtonLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { Instant } from "#components/ui/instant.tsx";
import { Link } from "#components/ui/link.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Age, TimeAgo } from "#components/ui/time-ago.tsx";
import { getFormats } from "#lib/i18n/server-formats.ts";
import { listSets } from "#lib/services/backup/list-sets.ts";
import { readTimeline } from "#lib/services/recovery/read-timeline.ts";
import { pageContext } from "../../current-actor.ts";
import { shown } from "../../show-fault.ts";
import { draftAddress } from "../recovery/draft.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("recovery"))("emergency.title") };
}

export default async function EmergencyPage() {
  const [context, t, words, format] = await Promise.all([pageContext(), getTranslations("recovery.emergency"), getTranslations("timeline"), getFormats()]);
  const { rows } = await shown(listSets(context, { levels: ["proven"], pageSize: 1 }));
  const proven = rows[0] ?? null;
  const set = proven ? { set: proven.id } : {};
  const recovery = proven ? (await readTimeline(context, { server: proven.server }).catch(() => null))?.recovery : null;
  const band = recovery?.bands.at(-1);
  const reached = band ? new Date(Number(BigInt(band.to) / 1000n)).toISOString() : null;
  // Where the archive runs: just before the harm, or the last second; else the last proven backup.
  const [beforeHarm, lastSecond] = proven && reached ? [{ server: proven.server, way: "event" as const }, { server: proven.server, way: "latest" as const }] : [set, set];
  const server = proven?.server ?? "SERVER";
  const id = proven?.id ?? "SET";
  const byHand = [`salvagente list`, `salvagente plan ${server} ${id} --to OTHER-SERVER --output plan.json`, "salvagente restore plan.json"].join("\n");
  const noProduct = `gpg -d FILE | ${"zstd -d"} | mysql --binary-mode --max-allowed-packet=1G`;
  return (
    <>
      <PageHeader title={t("title")} lead={t("lead")} />
      <div className="mb-4 grid gap-3 md:grid-cols-3">
        <Symptom href={draftAddress({ ...beforeHarm, target: "beside" })} icon={faEraser} title={t("wrong")} text={t("wrongText")} go={t("go")} />
        <Symptom href={draftAddress({ ...lastSecond, scope: "server", target: "server" })} icon={faServer} title={t("server")} text={t("serverText")} go={t("go")} />
        <Symptom href="#by-hand" icon={faHouseCrack} title={t("site")} text={t("siteText")} go={t("byHandGo")} />
      </div>
      <div className="mb-4">
        {proven ? (
          <Notice tone="ok" title={<>{t("point")}: <Instant at={proven.snapshotAt} /></>} actions={<ButtonLink href={`/backups/${proven.id}`}>{t("seeBackups")}</ButtonLink>}>
            {reached ? <p>{words.rich(recovery?.complete ? "reachAll" : "reach", { instant: () => <strong className="tabular">{format.instant(reached)}</strong>, ago: () => <TimeAgo at={reached} /> })}</p> : null}
            <p><span className="font-mono text-xs">{proven.server}</span> · {t.rich("pointAge", { age: () => <Age since={reached ?? proven.snapshotAt} /> })}</p>
            {proven.restoreSeconds === null ? null : <p>{t("pointTime", { time: format.duration(proven.restoreSeconds) })}</p>}
          </Notice>
        ) : (
          <Notice tone="danger" title={t("noPoint")} actions={<ButtonLink href="/backups">{t("seeBackups")}</ButtonLink>}>{t("noPointText")}</Notice>
        )}
      </div>
      <div id="by-hand" className="grid scroll-mt-20 gap-4 xl:grid-cols-2">
        <Commands title={t("byHand")} text={t("byHandText")} commands={byHand} copy={t("copy")} />
        <Commands title={t("noProduct")} text={t("noProductText")} commands={noProduct} copy={t("copy")} />
      </div>
    </>
  );
}

function Symptom({ href, icon, title, text, go }: { readonly href: string; readonly icon: IconDefinition; readonly title: string; readonly text: string; readonly go: string }) {
  return (
    <Link href={href} className="flex flex-col gap-2 rounded-md border-2 border-line bg-surface p-4 no-underline hover:border-danger-strong">
      <span className="flex items-center gap-3 text-base font-semibold"><Icon icon={icon} className="text-lg text-danger-fg" />{title}</span>
      <span className="flex-1 text-sm text-muted">{text}</span>
      <span className="flex min-h-11 items-center gap-2 text-sm font-medium">{go}<Icon icon={faArrowRight} /></span>
    </Link>
  );
}

function Commands({ title, text, commands, copy }: { readonly title: string; readonly text: string; readonly commands: string; readonly copy: string }) {
  return (
    <Card title={title}>
      <p className="mb-3 text-sm text-muted">{text}</p>
      <pre className="mb-3 rounded-sm bg-sunken p-3 font-mono text-xs whitespace-pre-wrap wrap-anywhere">{commands}</pre>
      <CopyButton text={commands} label={copy} />
    </Card>
  );
}
