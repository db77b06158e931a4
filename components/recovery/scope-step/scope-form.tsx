"use client";
import Form from "next/form";
import { useTranslations } from "next-intl";
import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "../../ui/button.tsx";
import { Choice, ErrorSummary, SelectField } from "../../ui/field.tsx";
import { HiddenValues } from "../hidden-values.tsx";
import { WizardFooter } from "../wizard-frame.tsx";

type Scope = "server" | "schemas" | "tables";

interface ScopeFormProps {
  readonly every: readonly string[];
  readonly scope: Scope;
  readonly chosenSchemas: readonly string[];
  readonly schema: string | undefined;
  readonly accounts: boolean;
  readonly kept: readonly (readonly [string, string])[];
  /** The tables of `schema`, once it was chosen. */
  readonly tables: ReactNode;
}

/** How much: server, schemas, tables. The choice goes into the address. */
export function ScopeForm({ every, scope: given, chosenSchemas, schema, accounts, kept, tables }: ScopeFormProps) {
  const t = useTranslations("recovery.scope");
  const words = useTranslations("recovery");
  const ui = useTranslations("ui");
  const [scope, setScope] = useState<Scope>(given);
  const [picked, setPicked] = useState(schema ?? every[0] ?? "");
  const [error, setError] = useState<string | null>(null);
  const listing = scope === "tables" && (picked !== schema || tables === null);
  const check = (event: FormEvent<HTMLFormElement>) => {
    const form = new FormData(event.currentTarget);
    const missing = scope === "schemas" && !form.has("schemas") ? t("nothing") : scope === "tables" && !listing && !form.has("tables") ? t("nothingTables") : null;
    setError(missing);
    if (missing) event.preventDefault();
  };
  const radio = (one: Scope, hint: string) => <Choice type="radio" name="scope" value={one} checked={scope === one} onChange={() => setScope(one)} label={t(one)} hint={hint} />;
  return (
    <Form action="/recovery" onSubmit={check}>
      <HiddenValues values={[...kept, ...(listing ? [] : [["done", "1"] as const])]} />
      {error ? <div className="mb-4"><ErrorSummary title={ui("checkFields")} errors={[{ fieldId: "scope-choice", text: error }]} /></div> : null}
      <fieldset id="scope-choice" className="flex flex-col gap-3">
        <legend className="sr-only">{t("title")}</legend>
        {radio("schemas", t("schemasHint"))}
        {scope === "schemas" ? (
          <div className="ml-4 flex flex-col gap-2 border-l-2 border-line pl-4">
            {every.map((name) => <Choice key={name} type="checkbox" name="schemas" value={name} defaultChecked={chosenSchemas.includes(name) || every.length === 1} label={<span className="font-mono text-sm">{name}</span>} />)}
          </div>
        ) : null}
        {radio("tables", t("tablesHint"))}
        {scope === "tables" ? (
          <div className="ml-4 flex flex-col gap-3 border-l-2 border-line pl-4">
            <SelectField name="schema" label={t("schema")} value={picked} onChange={(event) => setPicked(event.target.value)} options={every.map((value) => ({ value, label: value }))} />
            {listing ? null : tables}
          </div>
        ) : null}
        {radio("server", t("serverHint", { count: every.length }))}
        {scope === "server" ? <div className="ml-4 border-l-2 border-line pl-4"><Choice type="checkbox" name="accounts" value="1" defaultChecked={accounts} label={t("accounts")} /></div> : null}
      </fieldset>
      <WizardFooter><Button type="submit" look="primary" size="lg" className="max-sm:w-full sm:min-w-56">{listing ? t("chooseSchema") : words("next")}</Button></WizardFooter>
    </Form>
  );
}
