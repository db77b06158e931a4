"use client";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { SelectField, TextField } from "../ui/field.tsx";

interface RangeFieldsProps {
  readonly whens: readonly { readonly value: string; readonly label: string }[];
  readonly when: string;
  readonly from: string;
  readonly to: string;
}

/** When: a preset, or two days that appear once «range» is chosen. */
export function RangeFields({ whens, when, from, to }: RangeFieldsProps) {
  const t = useTranslations("activity");
  const [chosen, setChosen] = useState(when);
  return (
    <>
      <SelectField name="when" label={t("when")} value={chosen} onChange={(event) => setChosen(event.target.value)} options={whens} />
      {chosen === "range" ? (
        <>
          <TextField name="from" type="date" label={t("from")} defaultValue={from} />
          <TextField name="to" type="date" label={t("to")} defaultValue={to} />
        </>
      ) : null}
    </>
  );
}
