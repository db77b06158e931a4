import { useTranslations } from "next-intl";
import type { SwapPlan } from "#lib/contract/recovery/swap.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Card } from "../../ui/card.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { type Column, DataList } from "../../ui/data-list.tsx";
import { SwapSince } from "./swap-since.tsx";

type TableRow = SwapPlan["tables"][number];

/** Both sides of a planned swap, table by table; who holds them; the statements. */
export function SwapFacts({ plan }: { readonly plan: SwapPlan }) {
  const t = useTranslations("swap");
  const format = useFormats();
  const rows = (count: number | null): string => (count === null ? t("absent") : format.number(count));
  const difference = ({ live, restored, change }: TableRow): string => [...(live !== null && restored !== null && live !== restored ? [`${restored > live ? "+" : ""}${format.number(restored - live)}`] : []), ...(change === "same-structure" ? [] : [t(`change.${change}`)])].join(" · ");
  const side = (pick: "live" | "restored"): Column<TableRow> => ({ key: pick, header: t(pick), align: "right", cell: (row) => <span className="tabular">{rows(row[pick])}</span> });
  return (
    <>
      <Card title={t("rows")} flush>
        <DataList
          caption={t("rows")}
          rows={plan.tables}
          rowKey={({ schema, table }) => `${schema}.${table}`}
          columns={[{ key: "table", header: t("table"), cell: ({ schema, table }) => <span className="font-mono text-xs">{schema}.{table}</span> }, side("live"), side("restored"), { key: "difference", header: t("difference"), cell: (row) => <span className="tabular">{difference(row)}</span> }]}
          card={(row) => (
            <>
              <span className="font-mono text-xs">{row.schema}.{row.table}</span>
              <span className="tabular block text-sm">{t("live")} {rows(row.live)} · {t("restored")} {rows(row.restored)}{difference(row) === "" ? "" : ` · ${difference(row)}`}</span>
            </>
          )}
        />
      </Card>
      {plan.since?.map((since) => <SwapSince key={since.schema} since={since} undo={plan.request.undoes !== undefined} />)}
      {plan.checks && plan.checks.length > 0 ? (
        <Card title={t("checks")}>
          <p className="text-sm">{t("checksText")}</p>
          <ul className="mt-2 list-disc pl-5 text-sm">{plan.checks.map((name) => <li key={name}>{name}</li>)}</ul>
        </Card>
      ) : null}
      <Card title={t("holders")}>
        {plan.holders.length === 0 ? <p className="text-sm text-muted">{t("noHolders")}</p> : null}
        <ul className="flex flex-col gap-1 text-sm">
          {plan.holders.map(({ id, account, seconds, tables }) => <li key={id}>{t("holder", { id, account, time: format.duration(seconds) })} <span className="font-mono text-xs text-muted">{tables.join(", ")}</span></li>)}
        </ul>
      </Card>
      <Card title={t("commands")}>
        <p className="text-sm">{t(plan.way)} {plan.triggers.length > 0 ? t("triggers", { count: plan.triggers.length }) : null}</p>
        <pre className="mt-3 max-h-72 overflow-auto rounded-sm bg-sunken p-3 font-mono text-xs whitespace-pre-wrap" tabIndex={0}>{plan.commands.join(";\n")}</pre>
        <div className="mt-2"><CopyButton text={plan.commands.join(";\n")} /></div>
      </Card>
    </>
  );
}
