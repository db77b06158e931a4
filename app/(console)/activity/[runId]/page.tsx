import { faChevronLeft } from "@fortawesome/free-solid-svg-icons/faChevronLeft";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { Suspense } from "react";
import { CancelRun } from "#components/run/cancel-run.tsx";
import { openingView } from "#components/run/journal.ts";
import { LiveRun } from "#components/run/live-run.tsx";
import { RunFacts } from "#components/run/run-facts.tsx";
import { RunKindLabel } from "#components/run/run-kind.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { Guarded } from "#components/ui/guarded.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { Link } from "#components/ui/link.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { runId as runIdShape } from "#lib/contract/names.ts";
import { ENDED_STATES } from "#lib/contract/views/run.ts";
import { getFormats } from "#lib/i18n/server-formats.ts";
import { readRun } from "#lib/services/run/read-run.ts";
import { readRunEvents } from "#lib/services/run/read-run-events.ts";
import { pageContext } from "../../../current-actor.ts";
import { shown } from "../../../show-fault.ts";
import { cancelRunAction } from "./actions.ts";
import { SwapCard } from "./swap-card.tsx";
import { SwapStanding } from "./swap-standing.tsx";
import { ticketText } from "./ticket.ts";

interface RunPageProps {
  readonly params: Promise<{ runId: string }>;
}

/** Journal lines sent with the page; the stream brings what comes after. */
const OPENING_LINES = 2000;

export async function generateMetadata({ params }: RunPageProps): Promise<Metadata> {
  return { title: (await params).runId };
}

export default async function RunPage({ params }: RunPageProps) {
  const { runId: id } = await params;
  if (!runIdShape.safeParse(id).success) notFound();
  const [context, t, format] = await Promise.all([pageContext(), getTranslations("run"), getFormats()]);
  const run = await shown(readRun(context, { id }));
  const { events } = await shown(readRunEvents(context, { id, after: Math.max(0, run.lastSeq - OPENING_LINES), limit: OPENING_LINES }));
  const opening = openingView(run, events);
  const active = !ENDED_STATES.includes(run.state);
  const cancel = cancelRunAction.bind(null, id);
  const next =
    run.kind === "restore" ? (
      <SwapCard runId={id} environment={run.environment} />
    ) : run.kind === "swap" && run.server && !active ? (
      <Suspense fallback={<Skeleton className="h-40 w-full" />}><SwapStanding runId={id} server={run.server} environment={run.environment} /></Suspense>
    ) : null;
  return (
    <>
      <PageHeader
        before={<Link href="/activity" className="inline-flex min-h-11 items-center gap-2 text-sm text-muted"><Icon icon={faChevronLeft} />{t("backToList")}</Link>}
        title={<RunKindLabel kind={run.kind} />}
        lead={<span className="font-mono text-xs">{run.id}</span>}
        actions={
          <>
            {active ? (
              <Guarded role={context.actor.role} action="run.cancel" environment={run.environment} label={t("cancel")} look="danger-outline">
                <CancelRun kind={run.kind} queued={run.state === "queued"} onCancel={cancel} />
              </Guarded>
            ) : null}
            <CopyButton text={ticketText(run, opening.log, format)} label={t("ticket")} />
          </>
        }
      />
      {active && run.cancelAskedBy ? <p className="mb-4 font-medium">{t("cancelAsked", { who: run.cancelAskedBy })}</p> : null}
      <LiveRun key={`${run.id}-${active}`} runId={run.id} opening={opening} reference={`run ${run.id} · ${run.host}`} next={next} facts={<RunFacts run={run} />} />
    </>
  );
}
