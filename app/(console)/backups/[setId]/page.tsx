import { faChevronLeft } from "@fortawesome/free-solid-svg-icons/faChevronLeft";
import { faClockRotateLeft } from "@fortawesome/free-solid-svg-icons/faClockRotateLeft";
import { faDownload } from "@fortawesome/free-solid-svg-icons/faDownload";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { Suspense } from "react";
import { ProofCard } from "#components/backup/proof-card.tsx";
import { SetFacts } from "#components/backup/set-facts.tsx";
import { VerifyNow } from "#components/backup/verify-now.tsx";
import { RunList } from "#components/run/run-list.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Guarded } from "#components/ui/guarded.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { Bytes, Instant } from "#components/ui/instant.tsx";
import { Link } from "#components/ui/link.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Loading, Skeleton } from "#components/ui/skeleton.tsx";
import { Status } from "#components/ui/status.tsx";
import { runId as setIdShape } from "#lib/contract/names.ts";
import { readSet } from "#lib/services/backup/read-set.ts";
import { pageContext } from "../../../current-actor.ts";
import { shown } from "../../../show-fault.ts";
import { verifySetAction } from "./actions.ts";
import { Contents } from "./contents.tsx";

interface SetPageProps {
  readonly params: Promise<{ setId: string }>;
  readonly searchParams: Promise<{ contents?: string }>;
}

export async function generateMetadata({ params }: SetPageProps): Promise<Metadata> {
  return { title: (await params).setId };
}

export default async function SetPage({ params, searchParams }: SetPageProps) {
  const [{ setId: id }, { contents }] = await Promise.all([params, searchParams]);
  if (!setIdShape.safeParse(id).success) notFound();
  const [context, t] = await Promise.all([pageContext(), getTranslations("backups")]);
  const set = await shown(readSet(context, { id }));
  const { role } = context.actor;
  return (
    <>
      <PageHeader
        before={<Link href="/backups" className="inline-flex min-h-11 items-center gap-2 text-sm text-muted"><Icon icon={faChevronLeft} />{t("back")}</Link>}
        title={<><Instant at={set.snapshotAt} /><Status state={set.level} /></>}
        lead={<span className="font-mono text-xs">{set.server} · {set.id}</span>}
        actions={
          <>
            <Guarded role={role} action="restore.plan" environment={set.environment} label={t("restore")} look="primary">
              <ButtonLink href={`/recovery?set=${id}`} look="primary" icon={faClockRotateLeft}>{t("restore")}</ButtonLink>
            </Guarded>
            <Guarded role={role} action="backup.verify" environment={set.environment} label={t("verify")}>
              <VerifyNow onVerify={verifySetAction.bind(null, id)} />
            </Guarded>
          </>
        }
      />
      <div className="grid gap-4 xl:grid-cols-[minmax(0,1.7fr)_minmax(18rem,1fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          <ProofCard test={set.restoreTest} />
          <Card title={<span id="contents">{t("contentsTitle")}</span>}>
            {contents === "1" ? (
              <Suspense fallback={<Loading><p className="mb-3 text-sm text-muted">{t("contentsReading")}</p><Skeleton className="h-48 w-full" /></Loading>}><Contents id={id} /></Suspense>
            ) : (
              <div className="flex flex-col items-start gap-3">
                <p className="text-sm text-muted">{t("contentsHint")}</p>
                <Guarded role={role} action="backup.view-contents" environment={set.environment} label={t("contentsOpen")}>
                  <ButtonLink href={`/backups/${id}?contents=1#contents`}>{t("contentsOpen")}</ButtonLink>
                </Guarded>
              </div>
            )}
          </Card>
          <Card flush title={t("runsTitle")}>{set.runs.length > 0 ? <RunList rows={set.runs} compact /> : <p className="px-4 pb-4 text-muted">{t("noRuns")}</p>}</Card>
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <Card title={t("copiesTitle")}>
            <ul className="flex flex-col divide-y divide-line">
              {set.copies.map((copy) => (
                <li key={copy.destination} className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1 py-2 first:pt-0 last:pb-0">
                  <span className="font-mono text-sm">{copy.destination}</span>
                  <Status state={copy.state} />
                  <span className="basis-full text-sm text-muted"><Bytes value={copy.bytes} /> · {t("copyChecked")} <Instant at={copy.checkedAt} as="short" /></span>
                  {copy.problem ? <span className="basis-full text-sm text-danger-fg">{copy.problem}</span> : null}
                </li>
              ))}
            </ul>
          </Card>
          <Card title={t("factsTitle")}>
            <SetFacts set={set} />
            <div className="mt-4">
              <Guarded role={role} action="backup.view-contents" environment={set.environment} label={t("download")}>
                <ButtonLink plain href={`/api/sets/${id}/manifest`} icon={faDownload}>{t("download")}</ButtonLink>
              </Guarded>
            </div>
          </Card>
        </div>
      </div>
    </>
  );
}
