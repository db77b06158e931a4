import { useTranslations } from "next-intl";
import type { ChangeSum, CutChanges } from "#lib/contract/recovery/changes.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Card } from "../ui/card.tsx";
import { type Column, DataList } from "../ui/data-list.tsx";
import { millisOf } from "./timeline/at-instant.ts";
import { useRowsText } from "./transaction-did.tsx";

type TableRow = ChangeSum["tables"][number];

/** By table, what the chosen instant leaves out, and what is replayed to get there. What is lost comes first and open. */
export function ChangesByTable({ changes }: { readonly changes: CutChanges }) {
  const t = useTranslations("instant.changes");
  return (
    <div className="flex flex-col gap-4">
      <Card title={t("lost")}><Sum sum={changes.lost} caption={t("lost")} /></Card>
      <Card>
        <details>
          <summary className="min-h-11 cursor-pointer py-2 font-medium">{t("kept")}</summary>
          <Sum sum={changes.kept} caption={t("kept")} />
        </details>
      </Card>
    </div>
  );
}

function Sum({ sum, caption }: { readonly sum: ChangeSum; readonly caption: string }) {
  const t = useTranslations("instant.changes");
  const format = useFormats();
  const rowsOf = useRowsText();
  const span = (first: string, last: string): string => (first === last ? format.precise(millisOf(first)) : t("fromTo", { from: format.precise(millisOf(first)), to: format.precise(millisOf(last)) }));
  // The day and the zone stand above the table.
  const brief = (first: string, last: string): string => {
    const [from, to] = [millisOf(first), millisOf(last)];
    const days = new Set([from, to, ...(sum.earliest === null ? [] : [millisOf(sum.earliest)])].map((at) => format.dayKey(at)));
    const told = days.size === 1 ? format.clock : format.short;
    return first === last ? told(from) : `${told(from)} – ${told(to)}`;
  };
  const rest = [
    ...(sum.otherTables.count > 0 ? [t("otherTables", { count: sum.otherTables.count, rows: format.number(sum.otherTables.inserted + sum.otherTables.updated + sum.otherTables.deleted) })] : []),
    ...(sum.otherStatements > 0 ? [t("otherStatements", { count: sum.otherStatements })] : []),
    ...(sum.uncounted > 0 ? [t("uncounted", { count: sum.uncounted })] : []),
    ...(sum.unread.files > 0 ? [t("unread", { count: sum.unread.files, transactions: format.number(sum.unread.transactions) })] : []),
  ];
  const number = (pick: "inserted" | "updated" | "deleted"): Column<TableRow> => ({ key: pick, header: t(pick), align: "right", cell: (row) => <span className="tabular">{row[pick] === 0 ? "–" : format.number(row[pick])}</span> });
  return (
    <>
      <p className="text-sm">{t("transactions", { count: sum.transactions, number: format.number(sum.transactions) })}{sum.earliest !== null && sum.latest !== null ? <span className="text-muted"> · {span(sum.earliest, sum.latest)}</span> : null}</p>
      {sum.statements.length > 0 ? (
        <ul className="mt-2 flex flex-col gap-1 text-sm">
          {sum.statements.map(({ kind, schema, table, count, first, last }) => (
            <li key={`${kind} ${schema}.${table}`}>
              <strong className="font-mono text-xs">{kind.toUpperCase()}{schema === "" ? "" : ` ${schema}.${table}`}{count > 1 ? ` ×${format.number(count)}` : ""}</strong> <span className="text-muted">{span(first, last)}</span>
            </li>
          ))}
        </ul>
      ) : null}
      {sum.tables.length > 0 ? (
        <div className="-mx-4 mt-3 md:-mx-5">
          <DataList
            caption={caption}
            rows={sum.tables}
            rowKey={({ schema, table }) => `${schema}.${table}`}
            columns={[
              { key: "table", header: t("table"), cell: ({ schema, table }) => <span className="font-mono text-xs">{schema}.{table}</span> },
              number("inserted"),
              number("updated"),
              number("deleted"),
              { key: "when", header: t("when"), wideOnly: true, cell: ({ first, last }) => <span className="tabular text-muted">{brief(first, last)}</span> },
            ]}
            card={({ schema, table, inserted, updated, deleted }) => (
              <>
                <span className="font-mono text-xs">{schema}.{table}</span>
                <span className="block text-sm">{rowsOf({ inserted, updated, deleted })}</span>
              </>
            )}
          />
        </div>
      ) : null}
      {rest.map((line) => <p key={line} className="mt-2 text-sm text-muted">{line}</p>)}
    </>
  );
}
