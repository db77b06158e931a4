import { useTranslations } from "next-intl";
import type { Manifest, SchemaEntry } from "#lib/contract/manifest/manifest.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Disclosure } from "../ui/disclosure.tsx";
import { Bytes } from "../ui/instant.tsx";

/** Tables drawn at most per schema; the manifest holds them all. */
const SHOWN = 500;

/** Schemas, tables and objects of a manifest, folded by schema. */
export function SetContentsView({ manifest }: { readonly manifest: Manifest }) {
  const t = useTranslations("backups");
  const { schemas, accounts } = manifest.inventory;
  return (
    <div className="flex flex-col gap-3">
      {schemas.map((schema) => <SchemaPart key={schema.name} schema={schema} open={schemas.length === 1} />)}
      <p className="text-sm text-muted">{t("accounts", { count: accounts.length })}</p>
    </div>
  );
}

function SchemaPart({ schema, open }: { readonly schema: SchemaEntry; readonly open: boolean }) {
  const t = useTranslations("backups");
  const format = useFormats();
  const rows = schema.tables.reduce((sum, table) => sum + table.rows, 0);
  return (
    <Disclosure
      open={open}
      title={<span className="font-mono">{schema.name}</span>}
      hint={
        <span className="flex flex-wrap gap-x-4 gap-y-1">
          <span>{t("tablesRows", { tables: format.number(schema.tables.length), rows: format.number(rows) })}</span>
          <span>{t("objects", { views: schema.views.length, routines: schema.procedures.length + schema.functions.length, triggers: schema.triggers.length, events: schema.events.length })}</span>
        </span>
      }
    >
      <table className="w-full border-collapse text-sm">
        <caption className="sr-only">{schema.name}</caption>
        <thead>
          <tr className="border-b border-line text-left text-muted">
            <th scope="col" className="px-3 py-2 font-medium">{t("table")}</th>
            <th scope="col" className="px-3 py-2 font-medium max-sm:hidden">{t("engine")}</th>
            <th scope="col" className="px-3 py-2 text-right font-medium">{t("rows")}</th>
            <th scope="col" className="px-3 py-2 text-right font-medium">{t("bytes")}</th>
          </tr>
        </thead>
        <tbody>
          {schema.tables.slice(0, SHOWN).map((table) => (
            <tr key={table.name} className="border-b border-line last:border-0">
              <td className="px-3 py-1.5 font-mono text-xs break-all">{table.name}</td>
              <td className="px-3 py-1.5 text-muted max-sm:hidden">{table.engine}</td>
              <td className="px-3 py-1.5 text-right">{format.number(table.rows)}</td>
              <td className="px-3 py-1.5 text-right"><Bytes value={table.dataBytes} /></td>
            </tr>
          ))}
        </tbody>
      </table>
      <dl className="grid gap-x-4 gap-y-1 border-t border-line px-3 py-3 text-sm sm:grid-cols-[7rem_1fr]">
        {(["views", "procedures", "functions", "triggers", "events"] as const).filter((kind) => schema[kind].length > 0).map((kind) => (
          <div key={kind} className="contents">
            <dt className="text-muted">{t(`objectKind.${kind}`)}</dt>
            <dd className="font-mono text-xs leading-5">{schema[kind].map((object) => object.name).join(", ")}</dd>
          </div>
        ))}
      </dl>
    </Disclosure>
  );
}
