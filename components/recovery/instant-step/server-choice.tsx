import Form from "next/form";
import { useTranslations } from "next-intl";
import { Button } from "../../ui/button.tsx";
import { SelectField } from "../../ui/field.tsx";
import { HiddenValues } from "../hidden-values.tsx";

interface ServerChoiceProps {
  readonly names: readonly string[];
  readonly chosen: string;
  readonly kept: readonly (readonly [string, string])[];
}

/** Whose instants are shown. */
export function ServerChoice({ names, chosen, kept }: ServerChoiceProps) {
  const t = useTranslations("instant");
  return (
    <Form action="/recovery" className="mb-4 flex items-end gap-3">
      <HiddenValues values={kept} />
      <div className="min-w-0 flex-1"><SelectField name="server" label={t("server")} defaultValue={chosen} options={names.map((name) => ({ value: name, label: name }))} /></div>
      <Button type="submit">{t("show")}</Button>
    </Form>
  );
}
