import { faFilter } from "@fortawesome/free-solid-svg-icons/faFilter";
import Form from "next/form";
import { useTranslations } from "next-intl";
import { runKind } from "#lib/contract/events.ts";
import { RUN_STATES } from "#lib/contract/views/run.ts";
import { Button } from "../ui/button.tsx";
import { SelectField, TextField } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { RangeFields } from "./range-fields.tsx";

interface FilterFormProps {
  readonly values: { readonly when?: string; readonly from?: string; readonly to?: string; readonly kind?: string; readonly state?: string; readonly server?: string; readonly q?: string };
  readonly whens: readonly ("today" | "24h" | "7d" | "30d" | "range")[];
  readonly servers: readonly string[];
}

/** Filters of the activity list; they travel in the address. Folded on a phone. */
export function FilterForm({ values, whens, servers }: FilterFormProps) {
  const t = useTranslations("activity");
  const kinds = useTranslations("run");
  const states = useTranslations("status");
  const ui = useTranslations("ui");
  const any = { value: "", label: ui("all") };
  const form = (suffix: string) => (
    <Form action="/activity" key={JSON.stringify(values)} className="grid items-end gap-3 sm:grid-cols-2 md:grid-cols-3 xl:grid-cols-[repeat(5,minmax(0,1fr))_auto]">
      <RangeFields whens={[{ value: "", label: t("whens.all") }, ...whens.map((value) => ({ value, label: t(`whens.${value}`) }))]} when={values.when ?? ""} from={values.from ?? ""} to={values.to ?? ""} />
      <SelectField id={`kind-${suffix}`} name="kind" label={t("kind")} defaultValue={values.kind ?? ""} options={[any, ...runKind.options.map((value) => ({ value, label: kinds(`kind.${value}`) }))]} />
      <SelectField
        id={`state-${suffix}`}
        name="state"
        label={t("state")}
        defaultValue={values.state ?? ""}
        options={[any, { value: "problems", label: t("problems") }, { value: "ongoing", label: t("ongoing") }, ...RUN_STATES.map((value) => ({ value, label: states(value) }))]}
      />
      <SelectField id={`server-${suffix}`} name="server" label={t("server")} defaultValue={values.server ?? ""} options={[any, ...servers.map((value) => ({ value, label: value }))]} />
      <TextField id={`q-${suffix}`} name="q" type="search" label={t("text")} placeholder={t("textHint")} defaultValue={values.q ?? ""} maxLength={200} />
      <Button type="submit" look="primary">{t("apply")}</Button>
    </Form>
  );
  return (
    <>
      <details className="md:hidden">
        <summary className="flex min-h-11 items-center gap-2 px-4 font-medium"><Icon icon={faFilter} />{t("filters")}</summary>
        <div className="px-4 pb-4">{form("phone")}</div>
      </details>
      <div className="px-5 pt-4 pb-2 max-md:hidden">{form("desk")}</div>
    </>
  );
}
