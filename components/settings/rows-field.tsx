import { faPlus } from "@fortawesome/free-solid-svg-icons/faPlus";
import { faTrashCan } from "@fortawesome/free-solid-svg-icons/faTrashCan";
import { useTranslations } from "next-intl";
import { Button } from "../ui/button.tsx";
import { AreaField, TextField } from "../ui/field.tsx";
import type { FieldSpec, RowValue } from "./form-values.ts";

interface RowsFieldProps {
  readonly id: string;
  readonly field: FieldSpec;
  readonly error: string | undefined;
  readonly rows: readonly RowValue[];
  readonly onChange: (rows: readonly RowValue[]) => void;
}

/** A list of entries of several fields each: one block for each entry, a button for one more. */
export function RowsField({ id, field, error, rows, onChange }: RowsFieldProps) {
  const t = useTranslations("settings");
  const columns = field.columns ?? [];
  const set = (at: number, key: string, value: string) => onChange(rows.map((row, index) => (index === at ? { ...row, [key]: value } : row)));
  return (
    <fieldset id={id} tabIndex={-1} className="flex min-w-0 flex-col gap-3" aria-describedby={error ? `${id}-error` : undefined}>
      <legend className="mb-1 text-sm font-medium">{field.label}</legend>
      {field.hint ? <p className="text-sm text-muted">{field.hint}</p> : null}
      {error ? <p id={`${id}-error`} className="text-sm font-medium text-danger-fg">✖ {error}</p> : null}
      {rows.map((row, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries have no other name while they are typed
        <fieldset key={at} className="flex min-w-0 flex-col gap-3 rounded-sm border border-line p-3">
          <legend className="sr-only">{field.label} {at + 1}</legend>
          {columns.map(({ key, label, hint, mono, area }) => {
            const shared = { id: `${id}-${at}-${key}`, label, ...(hint ? { hint } : {}), value: row[key] ?? "", autoCapitalize: "none", autoCorrect: "off", spellCheck: false, className: mono ? "font-mono" : "" };
            return area ? <AreaField key={key} {...shared} rows={3} onChange={(event) => set(at, key, event.target.value)} /> : <TextField key={key} {...shared} autoComplete="off" onChange={(event) => set(at, key, event.target.value)} />;
          })}
          <div><Button icon={faTrashCan} look="quiet" onClick={() => onChange(rows.filter((_, index) => index !== at))}>{t("removeRow")}<span className="sr-only"> {row[columns[0]?.key ?? ""] || at + 1}</span></Button></div>
        </fieldset>
      ))}
      <div><Button icon={faPlus} onClick={() => onChange([...rows, {}])}>{field.addLabel}</Button></div>
    </fieldset>
  );
}
