import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Suspense } from "react";
import { ChosenInstant } from "#components/recovery/instant-step/chosen-instant.tsx";
import { ScopeForm } from "#components/recovery/scope-step/scope-form.tsx";
import { UnprovenSet } from "#components/recovery/set-step/unproven-set.tsx";
import { TargetForm } from "#components/recovery/target-step/target-form.tsx";
import { WizardFrame } from "#components/recovery/wizard-frame.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { Empty } from "#components/ui/empty.tsx";
import { Instant } from "#components/ui/instant.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { Status } from "#components/ui/status.tsx";
import { restoreScope } from "#lib/contract/recovery/restore.ts";
import type { SetDetail } from "#lib/contract/views/backup.ts";
import { isAllowed } from "#lib/domain/access/permissions.ts";
import { isPhysical } from "#lib/domain/backup/methods.ts";
import { getFormats } from "#lib/i18n/server-formats.ts";
import { listSets } from "#lib/services/backup/list-sets.ts";
import { readSet } from "#lib/services/backup/read-set.ts";
import { readSettings } from "#lib/services/settings/read-settings.ts";
import { pageContext } from "../../current-actor.ts";
import { shown } from "../../show-fault.ts";
import { planRestoreAction } from "./actions.ts";
import { BoundaryStep } from "./boundary-step.tsx";
import { type AddressValues, besideName, draftAddress, type RestoreDraft, readDraft, schemasOf, scopeChosen, scopeOf, wantedOf } from "./draft.ts";
import { InstantStep } from "./instant-step.tsx";
import { Tables } from "./tables.tsx";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("recovery"))("title") };
}

/** Steps 1 to 3; their state is the address. A plan has a page of its own. */
export default async function RecoveryPage({ searchParams }: { readonly searchParams: Promise<AddressValues> }) {
  const [context, address, t] = await Promise.all([pageContext(), searchParams, getTranslations("recovery")]);
  if (!isAllowed(context.actor.role, "restore.plan")) return <Notice tone="warn" title={t("forbiddenTitle")} actions={<ButtonLink href="/emergency">{t("emergency.title")}</ButtonLink>}>{t("forbiddenText")}</Notice>;
  const draft = readDraft(address);
  const wanted = wantedOf(draft);
  if (!draft.set && draft.server && wanted && draft.way === undefined) return <BoundaryStep draft={draft} server={draft.server} wanted={wanted} />;
  if (!draft.set) return <InstantStep draft={draft} latestProven={await latestProven()} />;
  const set = await shown(readSet(context, { id: draft.set }));
  if (set.level !== "proven" && !draft.ok) return <AskAgain set={set} draft={draft} />;
  return draft.done && scopeChosen(draft) ? <TargetStep set={set} draft={draft} /> : <ScopeStep set={set} draft={draft} />;
}

async function latestProven(server?: string) {
  const found = await shown(listSets(await pageContext(), { levels: ["proven"], pageSize: 1, ...(server ? { server } : {}) }));
  return found.rows[0] ?? null;
}

async function AskAgain({ set, draft }: { readonly set: SetDetail; readonly draft: RestoreDraft }) {
  // Behind another full the instant would be another's.
  const [t, proven] = await Promise.all([getTranslations("recovery"), wantedOf(draft) ? null : latestProven(set.server)]);
  return (
    <WizardFrame step="set" title={t("set.title")} chosen={[chosenSet(set, draft)]}>
      <UnprovenSet set={set} latestProven={proven} goOnHref={draftAddress({ ...draft, ok: true })} provenHref={draftAddress({ ...draft, set: proven?.id ?? set.id })} />
    </WizardFrame>
  );
}

async function ScopeStep({ set, draft }: { readonly set: SetDetail; readonly draft: RestoreDraft }) {
  const t = await getTranslations("recovery");
  const every = set.summary.schemas;
  const schema = draft.scope === "tables" && draft.schema && every.includes(draft.schema) ? draft.schema : undefined;
  return (
    <WizardFrame step="scope" title={t("scope.title")} lead={t("scope.lead")} chosen={[chosenSet(set, draft)]}>
      <ScopeForm
        key={schema ?? "none"}
        every={every}
        scope={draft.scope ?? "schemas"}
        chosenSchemas={draft.schemas}
        schema={schema}
        accounts={draft.accounts ?? false}
        kept={[...instantKept(draft), ["set", set.id], ...(draft.ok ? [["ok", "1"] as const] : []), ...(draft.target ? [["target", draft.target] as const] : [])]}
        tables={schema ? <Suspense fallback={<div role="status"><p className="mb-2 text-sm text-muted">{t("scope.reading")}</p><Skeleton className="h-40 w-full" /></div>}><Tables id={set.id} schema={schema} chosen={draft.tables} /></Suspense> : null}
      />
    </WizardFrame>
  );
}

async function TargetStep({ set, draft }: { readonly set: SetDetail; readonly draft: RestoreDraft }) {
  const [context, t, format] = await Promise.all([pageContext(), getTranslations("recovery"), getFormats()]);
  const settings = await shown(readSettings(context));
  const source = settings.servers.find(({ config }) => config.name === set.server);
  const servers = settings.servers.filter(({ config }) => config.restoreTarget).map(({ config, host }) => ({ name: config.name, environment: config.environment, knowsChecks: host === source?.host }));
  const schemas = schemasOf(draft, set.summary.schemas);
  const wanted = wantedOf(draft);
  const at = wanted?.kind === "time" ? Number(BigInt(wanted.at) / 1000n) : wanted ? context.clock.now() : set.snapshotAt;
  const minute = `${format.dayKey(at).replaceAll("-", "")}_${format.clock(at).slice(0, 5).replace(":", "")}`;
  const scope = scopeOf(draft);
  // Made of all data files: behind an instant the worker looks for a set of them.
  const instance = scope.kind !== "server" ? "whole-server" : wanted || isPhysical(set.summary) ? "possible" : "data-files";
  const what = scope.kind === "server" ? t("plan.scope.server") : scope.kind === "schemas" ? t("plan.scope.schemas", { count: scope.schemas.length, names: scope.schemas.join(", ") }) : t("plan.scope.tables", { count: scope.tables.length, schema: scope.schema });
  return (
    <WizardFrame step="target" title={t("target.title")} lead={t("target.lead")} chosen={[chosenSet(set, draft), { step: "scope", text: what, href: draftAddress({ ...draft, done: false }) }]}>
      {servers.length === 0 && instance !== "possible" ? (
        <Empty title={t("target.none")} text={t("target.noneText")} action={<ButtonLink href="/settings/servers">{t("target.toSettings")}</ButtonLink>} />
      ) : (
        <TargetForm
          source={set.server}
          scope={restoreScope.parse(scope)}
          checks={(source?.config.assertions ?? []).map(({ schema }) => ({ schema }))}
          ownChecks={draft.unchecked !== true}
          schemas={schemas}
          names={Object.fromEntries(schemas.map((schema) => [schema, besideName(schema, minute)]))}
          servers={servers}
          preset={draft.target}
          instance={instance}
          role={context.actor.role}
          onPlan={planRestoreAction.bind(null, { setId: set.id, server: set.server, scope }, wanted ? { wanted, skip: [...draft.skip] } : null)}
        />
      )}
    </WizardFrame>
  );
}

function chosenSet(set: SetDetail, draft: RestoreDraft) {
  const wanted = wantedOf(draft);
  const base = <><Instant at={set.snapshotAt} /><Status state={set.level} /><span className="font-mono text-xs">{set.server}</span></>;
  const text = <span className="flex flex-wrap items-center gap-x-3 gap-y-1">{wanted ? <ChosenInstant wanted={wanted} skip={draft.skip} /> : base}</span>;
  return { step: "set" as const, text, href: draftAddress({ ...(draft.target ? { target: draft.target } : {}), ...(draft.server ? { server: draft.server } : {}) }) };
}

/** The instant's part of a form that goes on. */
function instantKept({ server, wanted, at, skip }: RestoreDraft): (readonly [string, string])[] {
  if (!server || !wanted || !at) return [];
  return [["server", server], ["wanted", wanted], ["at", at], ...skip.map((gtid) => ["skip", gtid] as const)];
}
