import { useTranslations } from "next-intl";
import { useFormats } from "#lib/i18n/formats.ts";
import { headlineOf, type Touching } from "./instant-step/transaction-text.ts";

interface TransactionDidProps {
  readonly did: Touching;
  /** Tables that are named at most. */
  readonly most: number;
}

/** What a transaction did, in the reader's language: its first statement as the log has it, then rows by table. */
export function TransactionDid({ did, most }: TransactionDidProps) {
  const t = useTranslations("instant.danger");
  const format = useFormats();
  const { statement, tables } = headlineOf(did);
  const rows = (table: (typeof tables)[number]): string => (["deleted", "updated", "inserted"] as const).flatMap((kind) => (table[kind] > 0 ? [t(kind, { count: table[kind], number: format.number(table[kind]) })] : [])).join(", ");
  const more = did.tablesLeftOut + Math.max(0, tables.length - most);
  return (
    <>
      {statement ? <span className="block font-mono text-xs break-words text-ink">{statement.slice(0, 200)}</span> : null}
      {tables.slice(0, most).map((table) => <span key={table.name} className="block"><span className="font-mono text-xs">{table.name}</span>: {rows(table)}</span>)}
      {more > 0 ? <span className="block text-muted">{t("moreTables", { count: more })}</span> : null}
    </>
  );
}
