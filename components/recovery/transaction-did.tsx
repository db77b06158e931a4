import { useTranslations } from "next-intl";
import { useFormats } from "#lib/i18n/formats.ts";
import { headlineOf, type TouchedTable, type Touching } from "./instant-step/transaction-text.ts";

interface TransactionDidProps {
  readonly did: Touching;
  /** Tables that are named at most. */
  readonly most: number;
}

/** What a transaction did, in the reader's language: its first statement as the log has it, then rows by table. */
export function TransactionDid({ did, most }: TransactionDidProps) {
  const t = useTranslations("instant.danger");
  const rows = useRowsText();
  const { statement, tables } = headlineOf(did);
  const more = did.tablesLeftOut + Math.max(0, tables.length - most);
  return (
    <>
      {statement ? <span className="block font-mono text-xs break-words text-ink">{statement.slice(0, 200)}</span> : null}
      {tables.slice(0, most).map((table) => <span key={table.name} className="block"><span className="font-mono text-xs">{table.name}</span>: {rows(table)}</span>)}
      {more > 0 ? <span className="block text-muted">{t("moreTables", { count: more })}</span> : null}
    </>
  );
}

/** Puts counted rows into words; kinds of which there are none are left out. */
export function useRowsText(): (rows: Pick<TouchedTable, "inserted" | "updated" | "deleted">) => string {
  const t = useTranslations("instant.danger");
  const format = useFormats();
  return (rows) => (["deleted", "updated", "inserted"] as const).flatMap((kind) => (rows[kind] > 0 ? [t(kind, { count: rows[kind], number: format.number(rows[kind]) })] : [])).join(", ");
}
