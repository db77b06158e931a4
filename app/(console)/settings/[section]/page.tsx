import { faPen } from "@fortawesome/free-solid-svg-icons/faPen";
import { faPlus } from "@fortawesome/free-solid-svg-icons/faPlus";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { SECTIONS, type Section } from "#components/settings/form-values.ts";
import { RebuildCatalog } from "#components/settings/rebuild-catalog.tsx";
import { Probe } from "#components/settings/probe.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Empty } from "#components/ui/empty.tsx";
import { Guarded } from "#components/ui/guarded.tsx";
import type { ProbeView, Settings } from "#lib/contract/views/settings.ts";
import { type Action, isAllowed } from "#lib/domain/access/permissions.ts";
import { presetOf } from "#lib/domain/schedule/preset.ts";
import type { Formats } from "#lib/i18n/bound.ts";
import { getFormats } from "#lib/i18n/server-formats.ts";
import { readSettings } from "#lib/services/settings/read-settings.ts";
import { pageContext } from "../../../current-actor.ts";
import { shown } from "../../../show-fault.ts";
import { probeDestinationAction, probeServerAction, reindexAction } from "../actions.ts";

/** Any one. */
const SUNDAY = Date.UTC(2026, 10, 1);

interface SectionPageProps {
  readonly params: Promise<{ section: string }>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("settings"))("title") };
}

export default async function SectionPage({ params }: SectionPageProps) {
  const [{ section: given }, context, t, format] = await Promise.all([params, pageContext(), getTranslations("settings"), getFormats()]);
  const section = SECTIONS.find((one) => one === given);
  if (!section) notFound();
  const { role } = context.actor;
  if (!isAllowed(role, "settings.view")) return null;
  const settings = await shown(readSettings(context));
  const action: Action = section === "schedules" ? "schedule.change" : "settings.change";
  const edit = `/settings/${section}/edit`;
  const add = (
    <Guarded role={role} action={action} label={t(`add.${section}`)}>
      {settings.hosts.length === 0 ? <ButtonLink href="/settings">{t("needHost")}</ButtonLink> : <ButtonLink href={edit} look="primary" icon={faPlus}>{t(`add.${section}`)}</ButtonLink>}
    </Guarded>
  );
  const rows = rowsOf(section, settings, format, t);
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-muted">{t(`lead.${section}`)}</p>
        {rows.length > 0 ? add : null}
      </div>
      {rows.length === 0 ? <Card><Empty title={t(`emptyTitle.${section}`)} text={t(`emptyText.${section}`)} action={add} /></Card> : null}
      {rows.map((row) => (
        <Card key={row.name} title={<span className="flex flex-wrap items-center gap-x-3"><span className="font-mono">{row.name}</span>{row.kind ? <Badge>{row.kind}</Badge> : null}{row.off ? <Badge>{t("disabled")}</Badge> : null}</span>} aside={<ButtonLink href={`${edit}?name=${row.name}`} icon={faPen}><span className="max-sm:sr-only">{t("edit")}</span><span className="sr-only"> {row.name}</span></ButtonLink>}>
          {row.lines.map((line) => (typeof line === "string" ? <p key={line} className="text-sm text-muted">{line}</p> : <p key={line.mono} className="font-mono text-sm break-words">{line.mono}</p>))}
          {row.fires.length > 0 ? (
            <div className="mt-2 flex flex-wrap gap-x-4 text-sm">
              <p className="text-muted max-sm:w-full">{t("next")}</p>
              {row.fires.map((fire) => <span key={fire} className="tabular whitespace-nowrap">{fire}</span>)}
            </div>
          ) : null}
          {section === "servers" || section === "destinations" ? (
            <div className="mt-3 flex flex-wrap gap-3">
              <Guarded role={role} action="server.probe" label={t("test")}><Probe onProbe={section === "servers" ? probeServerAction.bind(null, row.name) : probeDestinationAction.bind(null, row.name)} /></Guarded>
              {section === "destinations" ? <Guarded role={role} action="catalog.reindex" label={t("reindex")}><RebuildCatalog onRebuild={reindexAction.bind(null, row.name)} /></Guarded> : null}
            </div>
          ) : null}
        </Card>
      ))}
    </div>
  );
}

type Line = string | { readonly mono: string };

interface Row {
  readonly name: string;
  readonly off: boolean;
  /** Beside the name. */
  readonly kind?: string;
  /** Paths and addresses stand in mono. */
  readonly lines: readonly Line[];
  readonly fires: readonly string[];
}

/** When a schedule fires, in words where there are some. */
function rhythm(cron: string, format: Formats, t: Words): string {
  const preset = presetOf(cron);
  const [, minute, hours] = /^(\d{1,2}) \*\/(\d{1,2}) \* \* \*$/.exec(cron) ?? [];
  if (!preset) return hours === undefined ? cron : t("rhythm.everyHours", { hours: Number(hours), minute: Number(minute) });
  const weekday = new Intl.DateTimeFormat(format.locale, { weekday: "long", timeZone: "UTC" }).format(SUNDAY + preset.weekday * 86_400_000);
  return t(`rhythm.${preset.repeat}`, { time: preset.time, weekday });
}

type Words = Awaited<ReturnType<typeof getTranslations<"settings">>>;

/** When a destination was last tested from here, and how that went. */
function probedText(probe: ProbeView | null, format: Formats, t: Words): string {
  if (!probe) return t("neverProbed");
  const failed = probe.steps.find(({ ok }) => !ok);
  return t(failed ? "probedBadly" : "probed", { at: format.instant(probe.at) });
}

function rowsOf(section: Section, settings: Settings, format: Formats, t: Words): readonly Row[] {
  const row = (name: string, lines: readonly (Line | false | undefined | null)[], more: Partial<Row> = {}): Row => ({ name, off: false, fires: [], lines: lines.filter((line): line is Line => Boolean(line)), ...more });
  switch (section) {
    case "servers":
      return settings.servers.map(({ host, config }) => row(config.name, [config.label, { mono: config.socket ?? `${config.host}:${config.port}` }, `${t("asUser", { user: config.user })} · host ${host}${config.restoreTarget ? ` · ${t("restoreTarget")}` : ""}`], { kind: t(`option.${config.environment}`) }));
    case "destinations":
      return settings.destinations.map(({ host, config, lastProbe }) => row(config.name, [config.label, { mono: config.kind === "local" ? config.root : `s3://${config.bucket}/${config.prefix}` }, `host ${host}${lastProbe?.space ? ` · ${t("freeOf", { free: format.bytes(lastProbe.space.freeBytes), total: format.bytes(lastProbe.space.totalBytes) })}` : ""}`, probedText(lastProbe, format, t)], { kind: t(`option.${config.kind}`) }));
    case "keys":
      return settings.keys.map(({ host, config }) => row(config.name, [t(`purposeText.${config.purpose}`), "file" in config.key && { mono: config.key.file }, `host ${host}`], { kind: t(`option.${config.purpose}`) }));
    case "policies":
      return settings.policies.map(({ config }) => row(config.name, [config.label, `${config.server} → ${config.destinations.join(", ")}`, t("encryptedFor", { keys: config.recipients.join(", ") })], { kind: t(`option.${config.method}`) }));
    case "schedules":
      return settings.schedules.map(({ config, server, nextFires }) => row(config.name, [`${t(`option.${config.kind}`)} · ${config.policy} · ${server}`, `${rhythm(config.cron, format, t)} · ${config.timeZone}`], { off: !config.enabled, fires: nextFires.map((at) => format.short(at)) }));
  }
}
