import { faClockRotateLeft } from "@fortawesome/free-solid-svg-icons/faClockRotateLeft";
import { faTableList } from "@fortawesome/free-solid-svg-icons/faTableList";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { SetFilter } from "#components/backup/set-filter.tsx";
import { SetList } from "#components/backup/set-list.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Empty } from "#components/ui/empty.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Pages } from "#components/ui/pages.tsx";
import { isAllowed } from "#lib/domain/access/permissions.ts";
import { listSets } from "#lib/services/backup/list-sets.ts";
import { pageContext } from "../../current-actor.ts";
import { shown } from "../../show-fault.ts";
import { filterAddress, readFilters } from "./filters.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("backups"))("title") };
}

export default async function BackupsPage({ searchParams }: { readonly searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const [context, address, t] = await Promise.all([pageContext(), searchParams, getTranslations("backups")]);
  const { filters, page } = readFilters(address);
  const found = await shown(listSets(context, { page, ...(filters.server ? { server: filters.server } : {}), ...(filters.level ? { levels: [filters.level] } : {}) }));
  const filtered = Object.keys(filters).length > 0;
  const mayRestore = isAllowed(context.actor.role, "restore.plan");
  return (
    <>
      <PageHeader title={t("title")} lead={t("lead")} />
      <Card flush>
        {found.total > 0 || filtered ? <SetFilter server={filters.server ?? ""} level={filters.level ?? ""} servers={found.servers} /> : null}
        <p className="px-4 pt-1 pb-2 text-sm text-muted md:px-5" role="status">{t("count", { count: found.total })}</p>
        {found.rows.length > 0 ? (
          <SetList
            rows={found.rows}
            actions={(set) => (
              <>
                <ButtonLink href={`/backups/${set.id}`} icon={faTableList}>{t("contents")}</ButtonLink>
                {mayRestore ? <ButtonLink href={`/recovery?set=${set.id}`} icon={faClockRotateLeft}>{t("restore")}</ButtonLink> : null}
              </>
            )}
          />
        ) : filtered ? (
          <Empty title={t("noneTitle")} text={t("noneText")} action={<ButtonLink href="/backups">{t("clear")}</ButtonLink>} />
        ) : (
          <Empty title={t("emptyTitle")} text={t("emptyText")} action={<ButtonLink href="/dashboard" look="primary">{t("emptyAction")}</ButtonLink>} />
        )}
        <Pages page={found.page} pages={found.pages} href={(number) => filterAddress(filters, number)} />
      </Card>
    </>
  );
}
