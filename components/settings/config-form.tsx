"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useRef, useState, useTransition } from "react";
import { Controller, useForm } from "react-hook-form";
import { toast } from "sonner";
import { Button, ButtonLink } from "../ui/button.tsx";
import { Disclosure } from "../ui/disclosure.tsx";
import { FaultPanel, type ShownFault } from "../ui/fault-panel.tsx";
import { AreaField, Choice, ErrorSummary, SelectField, TextField } from "../ui/field.tsx";
import { CONFIG_SCHEMAS, type FieldSpec, fieldAt, type FormValues, idOf, isShown, readForm, type RowValue, type Section, startValues } from "./form-values.ts";
import { RowsField } from "./rows-field.tsx";
import { WhenField } from "./when-field.tsx";

interface ConfigFormProps {
  readonly section: Section;
  readonly fields: readonly FieldSpec[];
  readonly config: Record<string, unknown>;
  readonly host: string;
  readonly exists: boolean;
  readonly backHref: string;
  readonly onSave: (host: string, config: Record<string, unknown>, secrets: Record<string, string>) => Promise<{ ok: true; value: { revision: number; sent: boolean } } | { ok: false; fault: ShownFault }>;
}

/** The form of one setting: checked against the contract here and again by the service. What was typed stays. */
export function ConfigForm({ section, fields, config, host, exists, backHref, onSave }: ConfigFormProps) {
  const t = useTranslations("settings");
  const ui = useTranslations("ui");
  const router = useRouter();
  const [fault, setFault] = useState<ShownFault | null>(null);
  const [busy, start] = useTransition();
  const [opened, setOpened] = useState(false);
  const top = useRef<HTMLDivElement>(null);
  const form = useForm<FormValues>({ defaultValues: startValues(fields, config, host), shouldFocusError: false, resolver: async (values) => resolve(values) });
  const { errors, dirtyFields } = form.formState;
  const values = form.watch();
  const shown = fields.filter((field) => isShown(field, values));

  const problem = (path: string, kind: "required" | "format" | "range" | "choose" | "invalid") => {
    const field = fieldAt(fields.filter((one) => isShown(one, form.getValues())), path);
    return field ? ([idOf(field.path), { type: kind, message: t(`error.${kind}`, { field: labelAt(field, path) }) }] as const) : null;
  };
  function resolve(given: FormValues) {
    const parsed = CONFIG_SCHEMAS[section].safeParse(readForm(fields, given, config).config);
    if (parsed.success) return { values: given, errors: {} };
    const found = parsed.error.issues.map((issue) => {
      const path = issue.path.join(".");
      const empty = emptyAt(given, fieldAt(fields, path), path);
      return problem(path, empty ? (fieldAt(fields, path)?.kind === "checks" ? "choose" : "required") : issue.code === "invalid_format" ? "format" : issue.code.startsWith("too_") ? "range" : "invalid");
    });
    const known = Object.fromEntries(found.filter((one) => one !== null));
    return { values: {}, errors: Object.keys(known).length > 0 ? known : { [idOf(fields[0]?.path ?? "")]: { type: "invalid", message: parsed.error.issues[0]?.message ?? "" } } };
  }
  /** Only for a setting that does not exist yet, and over nothing that was typed. */
  const suggest = ({ suggests }: FieldSpec, value: string): void => {
    const fitting = suggests?.of[value];
    if (suggests && fitting !== undefined && !exists && !dirtyFields[idOf(suggests.path)]) form.resetField(idOf(suggests.path), { defaultValue: fitting });
  };
  const toTop = () => requestAnimationFrame(() => top.current?.focus());
  const save = form.handleSubmit((given) => {
    start(async () => {
      setFault(null);
      const read = readForm(fields, given, config);
      const answer = await onSave(read.host, read.config, read.secrets);
      if (answer.ok) {
        toast.success(t(answer.value.sent ? "saved" : "savedUnsent", { revision: answer.value.revision }));
        router.push(backHref);
        return router.refresh();
      }
      setFault(answer.fault);
      if (answer.fault.code === "INPUT_INVALID") {
        for (const path of String(answer.fault.params.fields ?? "").split(", ")) {
          const found = problem(path, emptyAt(given, fieldAt(fields, path)) ? "required" : "invalid");
          if (found) form.setError(found[0], found[1]);
        }
      }
      toTop();
    });
  }, toTop);

  const summary = shown.flatMap((field) => {
    const message = errors[idOf(field.path)]?.message;
    return message ? [{ fieldId: idOf(field.path), text: String(message) }] : [];
  });
  const rare = shown.filter((field) => field.rare);
  const draw = (field: FieldSpec) => <OneField key={field.path} field={field} control={form.control} error={errors[idOf(field.path)]?.message} locked={exists && (field.fixed ?? false)} timeZone={String(values.timeZone ?? "")} onPick={(value) => suggest(field, value)} />;
  return (
    <form onSubmit={save} noValidate className="flex max-w-2xl flex-col gap-5">
      <div ref={top} tabIndex={-1} className="flex flex-col gap-3 outline-none empty:hidden">
        <ErrorSummary title={ui("checkFields")} errors={summary} />
        {fault ? <FaultPanel fault={fault} /> : null}
      </div>
      {shown.filter(({ rare }) => !rare).map(draw)}
      {rare.length > 0 ? (
        <Disclosure title={t("fineTuning")} hint={t("fineTuningHint")} open={opened || rare.some(({ path }) => errors[idOf(path)])} onToggle={setOpened} className="flex flex-col gap-5 p-3">{rare.map(draw)}</Disclosure>
      ) : null}
      <div className="flex flex-wrap gap-3">
        <Button type="submit" look="primary" size="lg" className="max-sm:w-full" disabled={busy} aria-busy={busy}>{busy ? t("saving") : t("save")}</Button>
        <ButtonLink href={backHref} size="lg" className="max-sm:w-full">{ui("cancel")}</ButtonLink>
      </div>
    </form>
  );
}

interface OneFieldProps {
  readonly field: FieldSpec;
  readonly control: ReturnType<typeof useForm<FormValues>>["control"];
  readonly error: string | undefined;
  readonly locked: boolean;
  /** That the form says, for times in it. */
  readonly timeZone: string;
  /** A choice was made in a select. */
  readonly onPick: (value: string) => void;
}

function OneField({ field, control, error, locked, timeZone, onPick }: OneFieldProps) {
  const id = idOf(field.path);
  return (
    <Controller
      name={id}
      control={control}
      render={({ field: { value, onChange, onBlur, ref } }) => {
        const shared = { id, label: field.label, ...(field.hint ? { hint: field.hint } : {}), error, onBlur };
        const text = { ...shared, ref, value: String(value ?? ""), onChange, autoCapitalize: "none", autoCorrect: "off", spellCheck: false, readOnly: locked, className: field.mono ? "font-mono" : "" };
        if (field.kind === "check") return <Choice type="checkbox" id={id} checked={value === true} onChange={(event) => onChange(event.target.checked)} label={field.label} hint={field.hint} />;
        if (field.kind === "checks") {
          const chosen = Array.isArray(value) ? (value as readonly string[]) : [];
          return (
            <fieldset id={id} tabIndex={-1} className="flex flex-col gap-2" aria-describedby={error ? `${id}-error` : undefined}>
              <legend className="mb-1 text-sm font-medium">{field.label}</legend>
              {error ? <p id={`${id}-error`} className="text-sm font-medium text-danger-fg">✖ {error}</p> : null}
              {(field.options ?? []).map((option) => (
                <Choice key={option.value} type="checkbox" checked={chosen.includes(option.value)} onChange={(event) => onChange(event.target.checked ? [...chosen, option.value] : chosen.filter((one) => one !== option.value))} label={option.label} />
              ))}
            </fieldset>
          );
        }
        if (field.kind === "rows") return <RowsField id={id} field={field} error={error} rows={Array.isArray(value) ? (value as readonly RowValue[]) : []} onChange={onChange} />;
        if (field.kind === "when") return <WhenField id={id} error={error} cron={String(value ?? "")} timeZone={timeZone} disabled={locked} onChange={onChange} onBlur={onBlur} />;
        if (field.kind === "select") return <SelectField {...shared} value={String(value ?? "")} onChange={(event) => { onChange(event); onPick(event.target.value); }} disabled={locked} options={field.options ?? []} />;
        if (field.kind === "area" || field.kind === "lines") return <AreaField {...text} rows={field.kind === "area" ? 8 : 4} />;
        return <TextField {...text} type={field.kind === "secret" ? "password" : "text"} autoComplete={field.kind === "secret" ? "new-password" : "off"} inputMode={field.kind === "number" ? "numeric" : undefined} />;
      }}
    />
  );
}

/** The field in words; of a list of entries also which one and what of it. */
function labelAt({ path, label, columns }: FieldSpec, problem: string): string {
  const [at, key] = partAt({ path }, problem);
  const column = columns?.find((one) => one.key === key);
  return column ? `${label} ${Number(at) + 1}, ${column.label}` : label;
}

/** Entry and column that a problem's path names behind the field's own. */
function partAt({ path }: Pick<FieldSpec, "path">, problem: string): readonly string[] {
  return problem.replace(/^config\./, "").slice(path.length + 1).split(".").filter(Boolean);
}

/** Is nothing typed in the field, or of a list of entries in the part that the path names? */
function emptyAt(values: FormValues, field: FieldSpec | undefined, path = ""): boolean {
  const value = field && values[idOf(field.path)];
  const [at, key] = field ? partAt(field, path) : [];
  if (at !== undefined && key !== undefined && Array.isArray(value)) return !(value as readonly RowValue[]).filter((row) => Object.values(row).some((text) => text.trim() !== ""))[Number(at)]?.[key]?.trim();
  return value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}
