import type { Metadata } from "next";
import Form from "next/form";
import { getTranslations } from "next-intl/server";
import { AuditList } from "#components/audit/audit-list.tsx";
import { VerifyChain } from "#components/audit/verify-chain.tsx";
import { Button, ButtonLink } from "#components/ui/button.tsx";
import { Card } from "#components/ui/card.tsx";
import { Empty } from "#components/ui/empty.tsx";
import { TextField } from "#components/ui/field.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { Pages } from "#components/ui/pages.tsx";
import { isAllowed } from "#lib/domain/access/permissions.ts";
import { listEntries } from "#lib/services/audit/list-entries.ts";
import { pageContext } from "../../current-actor.ts";
import { shown } from "../../show-fault.ts";
import { verifyTrailAction } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("people"))("audit") };
}

export default async function AuditPage({ searchParams }: { readonly searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const [context, address, t] = await Promise.all([pageContext(), searchParams, getTranslations("people")]);
  if (!isAllowed(context.actor.role, "audit.view")) return <><PageHeader title={t("audit")} /><Notice tone="warn">{t("auditForbidden")}</Notice></>;
  const text = typeof address.q === "string" ? address.q.slice(0, 200) : "";
  const page = typeof address.page === "string" && /^[1-9]\d{0,5}$/.test(address.page) ? Number(address.page) : 1;
  const found = await shown(listEntries(context, { page, text }));
  const href = (number: number) => `/audit?${new URLSearchParams({ ...(text ? { q: text } : {}), page: String(number) })}`;
  return (
    <>
      <PageHeader title={t("audit")} lead={t("auditLead")} />
      <VerifyChain onVerify={verifyTrailAction} />
      <Card flush>
        <Form action="/audit" key={text} className="flex flex-wrap items-end gap-3 px-4 pt-2 pb-2 md:px-5">
          <div className="min-w-0 flex-1 basis-56 md:max-w-md"><TextField name="q" type="search" label={t("search")} defaultValue={text} maxLength={200} /></div>
          <Button type="submit">{t("find")}</Button>
        </Form>
        <p className="px-4 pt-1 pb-2 text-sm text-muted md:px-5" role="status">{t("entries", { count: found.total })}</p>
        {found.rows.length > 0 ? <AuditList rows={found.rows} /> : <Empty title={t("noneTitle")} {...(text ? { text: t("noneText"), action: <ButtonLink href="/audit">{t("showAll")}</ButtonLink> } : {})} />}
        <Pages page={found.page} pages={found.pages} href={href} />
      </Card>
    </>
  );
}
