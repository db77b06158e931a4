"use client";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useFormats } from "#lib/i18n/formats.ts";
import { Choice, TextField } from "../../ui/field.tsx";

interface TablePickerProps {
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
  readonly chosen: readonly string[];
}

/** Tables drawn at once; the search finds the others. */
const SHOWN = 200;

/** Tables with a search; what is chosen stays chosen when the search hides it. */
export function TablePicker({ tables, chosen: given }: TablePickerProps) {
  const t = useTranslations("recovery.scope");
  const format = useFormats();
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState(() => new Set(given.filter((name) => tables.some((table) => table.name === name))));
  const fitting = tables.filter((table) => table.name.toLowerCase().includes(search.trim().toLowerCase()));
  const shown = fitting.slice(0, SHOWN);
  const toggle = (name: string) =>
    setChosen((before) => {
      const after = new Set(before);
      if (!after.delete(name)) after.add(name);
      return after;
    });
  return (
    <div className="flex flex-col gap-3">
      <TextField type="search" label={t("search")} value={search} onChange={(event) => setSearch(event.target.value)} onKeyDown={(event) => event.key === "Enter" && event.preventDefault()} />
      <p className="text-sm text-muted" role="status">{t("found", { shown: format.number(fitting.length), total: format.number(tables.length), chosen: format.number(chosen.size) })}</p>
      {[...chosen].map((name) => <input key={name} type="hidden" name="tables" value={name} />)}
      <div className="flex max-h-[26rem] flex-col gap-2 overflow-y-auto p-0.5">
        {shown.map((table) => <Choice key={table.name} type="checkbox" checked={chosen.has(table.name)} onChange={() => toggle(table.name)} label={<span className="font-mono text-sm">{table.name}</span>} hint={t("rows", { rows: format.number(table.rows) })} />)}
      </div>
    </div>
  );
}
