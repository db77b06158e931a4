import { getTranslations } from "next-intl/server";
import { Suspense } from "react";
import { BoundaryFacts, boundaryInstant } from "#components/recovery/boundary-facts.tsx";
import { ChangesByTable } from "#components/recovery/changes-by-table.tsx";
import { WizardFooter, WizardFrame } from "#components/recovery/wizard-frame.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { FaultPanel } from "#components/ui/fault-panel.tsx";
import { Instant } from "#components/ui/instant.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { Status } from "#components/ui/status.tsx";
import type { WantedInstant } from "#lib/contract/recovery/instant.ts";
import { getFormats } from "#lib/i18n/server-formats.ts";
import { readSet } from "#lib/services/backup/read-set.ts";
import { resolveInstant } from "#lib/services/recovery/resolve-instant.ts";
import { pageContext } from "../../current-actor.ts";
import { shown } from "../../show-fault.ts";
import { draftAddress, type RestoreDraft } from "./draft.ts";

interface BoundaryStepProps {
  readonly draft: RestoreDraft;
  readonly server: string;
  readonly wanted: WantedInstant;
}

/** The instant as an exact place: what is still in, what is not. The host looks it up, which may take some seconds. */
export async function BoundaryStep(props: BoundaryStepProps) {
  const t = await getTranslations("instant.boundary");
  return (
    <WizardFrame step="set" title={t("title")} lead={t("lead")}>
      <Suspense fallback={<div role="status"><p className="mb-2 text-sm text-muted">{t("looking")}</p><Skeleton className="h-56 w-full" /></div>}>
        <Resolved {...props} />
      </Suspense>
    </WizardFrame>
  );
}

async function Resolved({ draft, server, wanted }: BoundaryStepProps) {
  const [context, t, words, format] = await Promise.all([pageContext(), getTranslations("instant.boundary"), getTranslations("recovery"), getFormats()]);
  const outcome = await shown(resolveInstant(context, { server, wanted, skip: [...draft.skip] }));
  const { wanted: _wanted, at: _at, skip: _skip, ...others } = draft;
  const back = draftAddress({ ...others, ...(wanted.kind === "time" ? { wanted: "time", at: wanted.at, way: "time" } : {}) });
  if (!outcome.ok) {
    return (
      <>
        <div className="flex flex-col gap-3">{outcome.faults.map((fault) => <FaultPanel key={fault.code} fault={fault} />)}</div>
        <WizardFooter><ButtonLink href={back} look="primary" size="lg" className="max-sm:w-full">{t("other")}</ButtonLink></WizardFooter>
      </>
    );
  }
  const { boundary, setId } = outcome;
  const set = await readSet(context, { id: setId }).catch(() => null);
  const at = boundaryInstant(boundary);
  return (
    <>
      <Card title={at === null ? undefined : words("plan.returnTo", { at: format.precise(at) })}>
        <BoundaryFacts boundary={boundary} />
        <p className="mt-4 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-muted">{t("base")} {set ? <><Instant at={set.snapshotAt} /> <Status state={set.level} /></> : <span className="font-mono text-xs">{setId}</span>}</p>
      </Card>
      {boundary.changes ? <div className="mt-4"><ChangesByTable changes={boundary.changes} /></div> : null}
      <WizardFooter>
        <ButtonLink href={draftAddress({ ...draft, set: setId })} look="primary" size="lg" className="max-sm:w-full sm:min-w-56">{words("next")}</ButtonLink>
        <ButtonLink href={back} look="quiet">{t("other")}</ButtonLink>
      </WizardFooter>
    </>
  );
}
