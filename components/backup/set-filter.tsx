import Form from "next/form";
import { useTranslations } from "next-intl";
import { SET_LEVELS } from "#lib/contract/views/backup.ts";
import { Button } from "../ui/button.tsx";
import { SelectField } from "../ui/field.tsx";

/** Filters of the list; they travel in the address. */
export function SetFilter({ server, level, servers }: { readonly server: string; readonly level: string; readonly servers: readonly string[] }) {
  const t = useTranslations("backups");
  const ui = useTranslations("ui");
  const states = useTranslations("status");
  const any = { value: "", label: ui("all") };
  return (
    <Form action="/backups" key={`${server} ${level}`} className="grid grid-cols-2 items-end gap-3 px-4 pt-2 pb-2 md:grid-cols-[14rem_14rem_auto] md:justify-start md:px-5">
      <SelectField name="server" label={t("filterServer")} defaultValue={server} options={[any, ...servers.map((value) => ({ value, label: value }))]} />
      <SelectField name="level" label={t("filterLevel")} defaultValue={level} options={[any, ...SET_LEVELS.map((value) => ({ value, label: states(value) }))]} />
      <Button type="submit" className="max-md:col-span-2">{t("apply")}</Button>
    </Form>
  );
}
