import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { SettingsNav } from "#components/settings/settings-nav.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { isAllowed } from "#lib/domain/access/permissions.ts";
import { pageContext } from "../../current-actor.ts";

export default async function SettingsLayout({ children }: { readonly children: ReactNode }) {
  const [{ actor }, t] = await Promise.all([pageContext(), getTranslations("settings")]);
  const allowed = isAllowed(actor.role, "settings.view");
  return (
    <>
      <PageHeader title={t("title")} />
      {allowed ? <><SettingsNav />{children}</> : <Notice tone="warn">{t("forbidden")}</Notice>}
    </>
  );
}
