import { faDownload } from "@fortawesome/free-solid-svg-icons/faDownload";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { FilterChips } from "#components/activity/filter-chips.tsx";
import { FilterForm } from "#components/activity/filter-form.tsx";
import { RunList } from "#components/run/run-list.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Empty } from "#components/ui/empty.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Pages } from "#components/ui/pages.tsx";
import type { RunKind } from "#lib/contract/events.ts";
import type { RunState } from "#lib/contract/views/run.ts";
import type { Formats } from "#lib/i18n/bound.ts";
import { getFormats } from "#lib/i18n/server-formats.ts";
import { listRuns } from "#lib/services/run/list-runs.ts";
import { pageContext } from "../../current-actor.ts";
import { type ActivityFilters, type AddressValues, filterAddress, readFilters, STATE_GROUPS, toInput, WHENS, without } from "./filters.ts";

const PATH = "/activity";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("activity"))("title") };
}

export default async function ActivityPage({ searchParams }: { readonly searchParams: Promise<AddressValues> }) {
  const [context, address, t, format] = await Promise.all([pageContext(), searchParams, getTranslations("activity"), getFormats()]);
  const { filters, page, invalid } = readFilters(address);
  const found = await listRuns(context, { ...toInput(filters, format.zone, context.clock.now()), page });
  const filtered = Object.keys(filters).length > 0;
  return (
    <>
      <PageHeader
        title={t("title")}
        lead={t("lead")}
        actions={
          found.total > 0 ? <ButtonLink plain href={filterAddress("/api/runs/export", filters)} icon={faDownload}>{t("export", { count: format.number(found.total) })}</ButtonLink> : null
        }
      />
      {invalid ? <div className="mb-4"><Notice tone="warn">{t("badFilter")}</Notice></div> : null}
      <Card flush>
        <FilterForm values={filters} whens={WHENS} servers={found.servers} />
        <FilterChips chips={await chips(filters, format)} clearHref={PATH} />
        <p className="px-4 pt-1 pb-2 text-sm text-muted md:px-5" role="status">{t("count", { count: found.total })}</p>
        {found.rows.length > 0 ? (
          <RunList rows={found.rows} byDay />
        ) : filtered ? (
          <Empty title={t("noneTitle")} text={t("noneText")} action={<ButtonLink href={PATH}>{t("clear")}</ButtonLink>} />
        ) : (
          <Empty title={t("emptyTitle")} text={t("emptyText")} />
        )}
        <Pages page={found.page} pages={found.pages} href={(number) => filterAddress(PATH, filters, number)} />
      </Card>
    </>
  );
}

async function chips(filters: ActivityFilters, format: Formats): Promise<{ key: string; text: string; href: string }[]> {
  const [t, kinds, states] = await Promise.all([getTranslations("activity"), getTranslations("run"), getTranslations("status")]);
  const { when, from, to, kind, state, server, q } = filters;
  const day = (text: string | undefined) => (text ? format.day(`${text}T12:00:00Z`) : "…");
  const texts: [keyof ActivityFilters, string | undefined][] = [
    ["when", when === "range" ? `${day(from)} – ${day(to)}` : when && t(`whens.${when}`)],
    ["kind", kind && kinds(`kind.${kind as RunKind}`)],
    ["state", state && (state in STATE_GROUPS ? t(state as keyof typeof STATE_GROUPS) : states(state as RunState))],
    ["server", server],
    ["q", q && `“${q}”`],
  ];
  return texts.flatMap(([key, text]) => (text ? [{ key, text, href: filterAddress(PATH, without(filters, key)) }] : []));
}
