import { useTranslations } from "next-intl";
import type { SwapSince as Since } from "#lib/contract/recovery/swap.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Card } from "../../ui/card.tsx";
import { type Column, DataList } from "../../ui/data-list.tsx";
import { millisOf } from "../timeline/at-instant.ts";
import { TransactionDid, useRowsText } from "../transaction-did.tsx";

type TableRow = Since["tables"][number];

/** What programs have written since the instant that a copy stands for, of a way back since its swap, out of the archive: by table, and transaction by transaction. What takes its place does not hold it. */
export function SwapSince({ since, undo }: { readonly since: Since; readonly undo: boolean }) {
  const t = useTranslations("swap.since");
  const changes = useTranslations("instant.changes");
  const instant = useTranslations("instant");
  const rowsOf = useRowsText();
  const format = useFormats();
  const number = (pick: "inserted" | "updated" | "deleted" | "transactions", header: string): Column<TableRow> => ({ key: pick, header, align: "right", cell: (row) => <span className="tabular">{row[pick] === 0 ? "–" : format.number(row[pick])}</span> });
  const title = t(undo ? "undoTitle" : "title", { schema: since.schema });
  const nothing = since.tables.length === 0 && since.statements.length === 0;
  return (
    <Card title={title}>
      <p className="text-sm">{nothing ? t("nothing") : t(undo ? "undoLead" : "lead")} <span className="text-muted">{t("upTo")} <span className="font-mono text-xs">{since.to.file}:{since.to.position}</span></span></p>
      {since.statements.length > 0 ? (
        <ul className="mt-2 flex flex-col gap-1 text-sm">
          {since.statements.map(({ kind, table, count, first }) => <li key={`${kind} ${table}`}><strong className="font-mono text-xs">{kind.toUpperCase()} {since.schema}.{table}{count > 1 ? ` ×${format.number(count)}` : ""}</strong> <span className="text-muted">{format.precise(millisOf(first))}</span></li>)}
        </ul>
      ) : null}
      {since.tables.length > 0 ? (
        <div className="-mx-4 mt-3 md:-mx-5">
          <DataList
            caption={title}
            rows={since.tables}
            rowKey={({ table }) => table}
            columns={[{ key: "table", header: changes("table"), cell: ({ table }) => <span className="font-mono text-xs">{since.schema}.{table}</span> }, number("inserted", changes("inserted")), number("updated", changes("updated")), number("deleted", changes("deleted")), number("transactions", t("transactions"))]}
            card={({ table, transactions, ...rows }) => (
              <>
                <span className="font-mono text-xs">{since.schema}.{table}</span>
                <span className="block text-sm">{rowsOf(rows)} <span className="text-muted">· {instant("boundary.transactions", { count: transactions, number: format.number(transactions) })}</span></span>
              </>
            )}
          />
        </div>
      ) : null}
      {since.transactions.length > 0 ? (
        <details className="mt-3">
          <summary className="min-h-11 cursor-pointer py-2 font-medium">{t("list")}</summary>
          <ol className="flex flex-col gap-3 text-sm">
            {since.transactions.map(({ gtid, committedAt, file, position, what, did }) => (
              <li key={`${file}:${position}`}>
                <span className="tabular">{format.precise(millisOf(committedAt))}</span> <span className="font-mono text-xs break-all text-muted">{gtid ?? `${file}:${position}`}</span>
                {did ? <TransactionDid did={did} most={3} /> : <span className="block font-mono text-xs">{what}</span>}
              </li>
            ))}
          </ol>
          {since.more ? <p className="mt-2 text-sm text-muted">{t("more")}</p> : null}
        </details>
      ) : null}
      {since.unread.files > 0 ? <p className="mt-2 text-sm text-muted">{changes("unread", { count: since.unread.files, transactions: format.number(since.unread.transactions) })}</p> : null}
      {since.othersLeftOut > 0 ? <p className="mt-2 text-sm text-muted">{t("othersLeftOut")}</p> : null}
    </Card>
  );
}
