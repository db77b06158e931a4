import { faChevronLeft } from "@fortawesome/free-solid-svg-icons/faChevronLeft";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { ConfigForm } from "#components/settings/config-form.tsx";
import { DeleteSetting } from "#components/settings/delete-setting.tsx";
import { SECTIONS } from "#components/settings/form-values.ts";
import { Card } from "#components/ui/card.tsx";
import { Guarded } from "#components/ui/guarded.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { Link } from "#components/ui/link.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { type Action, isAllowed } from "#lib/domain/access/permissions.ts";
import { readSettings } from "#lib/services/settings/read-settings.ts";
import { pageContext } from "../../../../current-actor.ts";
import { shown } from "../../../../show-fault.ts";
import { deleteSettingAction, saveSettingAction } from "../../actions.ts";
import { fieldsOf, NEW } from "../../fields.ts";

interface EditPageProps {
  readonly params: Promise<{ section: string }>;
  readonly searchParams: Promise<{ name?: string }>;
}

/** Creates a setting, or changes the one named in the address. */
export default async function EditPage({ params, searchParams }: EditPageProps) {
  const [{ section: given }, { name }, context, t] = await Promise.all([params, searchParams, pageContext(), getTranslations("settings")]);
  const section = SECTIONS.find((one) => one === given);
  if (!section) notFound();
  if (!isAllowed(context.actor.role, "settings.view")) return null;
  const settings = await shown(readSettings(context));
  const rows: readonly { readonly host: string; readonly config: { readonly name: string } }[] = settings[section];
  const found = name === undefined ? undefined : rows.find(({ config }) => config.name === name);
  if (name !== undefined && !found) notFound();
  const action: Action = section === "schedules" ? "schedule.change" : "settings.change";
  const mayChange = isAllowed(context.actor.role, action);
  const stored = { ...(found?.config ?? NEW[section]) } as Record<string, unknown>;
  return (
    <>
      <Link href={`/settings/${section}`} className="inline-flex min-h-11 items-center gap-2 text-sm text-muted"><Icon icon={faChevronLeft} />{t("back")}</Link>
      {mayChange ? null : <div className="mb-4"><Notice tone="warn">{t("readOnly")}</Notice></div>}
      <Card
        aside={
          found ? (
            <Guarded role={context.actor.role} action={action} label={t("delete")} look="danger-outline">
              <DeleteSetting section={section} name={found.config.name} backHref={`/settings/${section}`} onDelete={deleteSettingAction.bind(null, section, found.config.name)} />
            </Guarded>
          ) : null
        }
        title={found ? <span className="font-mono">{found.config.name}</span> : t(`newTitle.${section}`)}
      >
        <fieldset disabled={!mayChange} className="min-w-0">
          <ConfigForm
            section={section}
            fields={fieldsOf(section, t, settings, stored)}
            config={stored}
            host={found?.host ?? settings.hosts[0]?.name ?? ""}
            exists={found !== undefined}
            backHref={`/settings/${section}`}
            onSave={saveSettingAction.bind(null, section)}
          />
        </fieldset>
      </Card>
    </>
  );
}
