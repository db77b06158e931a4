"use client";
import { useTranslations } from "next-intl";
import { useEffect, useRef, useState, useTransition } from "react";
import type { FoundTransaction } from "#lib/contract/archive/transaction-search.ts";
import type { DangerPage } from "#lib/contract/views/instant.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { FaultPanel, type ShownFault } from "../../ui/fault-panel.tsx";
import { Choice, SelectField, TextField } from "../../ui/field.tsx";
import { millisOf } from "../timeline/at-instant.ts";
import { TransactionDid } from "../transaction-did.tsx";

/** What is searched for; the rest of the query is the server's. */
export interface DangerSearch {
  /** Microseconds; absent: everything. */
  readonly from?: string;
  readonly rowsOver: number;
  readonly text?: string;
}

interface DangerListProps {
  /** Milliseconds: the periods end now. */
  readonly now: number;
  readonly chosen: FoundTransaction | null;
  readonly onChoose: (transaction: FoundTransaction) => void;
  readonly onSearch: (search: DangerSearch) => Promise<{ ok: true; value: DangerPage } | { ok: false; fault: ShownFault }>;
  readonly onFound: (transactions: readonly FoundTransaction[]) => void;
}

const DAYS = { day: 1, week: 7, month: 30, all: null } as const;
type Period = keyof typeof DAYS;

/** Transactions that may have destroyed something, newest first: DROP, TRUNCATE, many rows deleted or changed. */
export function DangerList({ now, chosen, onChoose, onSearch, onFound }: DangerListProps) {
  const t = useTranslations("instant.danger");
  const [period, setPeriod] = useState<Period>("day");
  const [rows, setRows] = useState("100");
  const [text, setText] = useState("");
  const [page, setPage] = useState<DangerPage | null>(null);
  const [fault, setFault] = useState<ShownFault | null>(null);
  const [busy, start] = useTransition();
  const search = () =>
    start(async () => {
      setFault(null);
      const days = DAYS[period];
      const answer = await onSearch({ ...(days === null ? {} : { from: String(BigInt(now - days * 86_400_000) * 1000n) }), rowsOver: /^\d{1,12}$/.test(rows) ? Number(rows) : 100, ...(text.trim() === "" ? {} : { text: text.trim().slice(0, 200) }) });
      if (!answer.ok) return setFault(answer.fault);
      setPage(answer.value);
      onFound(answer.value.transactions);
    });
  const begun = useRef(false);
  useEffect(() => {
    if (!begun.current) search();
    begun.current = true;
  });
  return (
    <div className="flex flex-col gap-3">
      <div className="grid items-end gap-3 sm:grid-cols-[10rem_9rem_1fr_auto]">
        <SelectField label={t("period")} value={period} onChange={(event) => setPeriod(event.target.value as Period)} options={(Object.keys(DAYS) as Period[]).map((value) => ({ value, label: t(`periods.${value}`) }))} />
        <TextField label={t("rowsOver")} inputMode="numeric" value={rows} onChange={(event) => setRows(event.target.value)} />
        <TextField label={t("text")} value={text} onChange={(event) => setText(event.target.value)} autoCapitalize="none" autoCorrect="off" spellCheck={false} />
        <Button onClick={search} disabled={busy} aria-busy={busy}>{busy ? t("searching") : t("search")}</Button>
      </div>
      <div aria-live="polite" className="flex flex-col gap-2">
        {fault ? <FaultPanel fault={fault} /> : null}
        {page && page.transactions.length === 0 ? <p className="text-muted">{t("none")}</p> : null}
        {page?.transactions.map((transaction) => <DangerRow key={`${transaction.file}:${transaction.start}`} transaction={transaction} checked={chosen?.file === transaction.file && chosen.start === transaction.start} onChoose={() => onChoose(transaction)} />)}
        {page?.truncated ? <p className="text-sm text-muted">{t("truncated")}</p> : null}
        {page?.unread.map(({ file, fault: why }) => <FaultPanel key={file} fault={why} severity="warning" reference={file} />)}
      </div>
    </div>
  );
}

function DangerRow({ transaction, checked, onChoose }: { readonly transaction: FoundTransaction; readonly checked: boolean; readonly onChoose: () => void }) {
  const t = useTranslations("instant.danger");
  const format = useFormats();
  return (
    <Choice
      type="radio"
      name="danger"
      checked={checked}
      onChange={onChoose}
      label={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="tabular">{format.precise(millisOf(transaction.committedAt))}</span>
          {transaction.dangers.map((danger) => <Badge key={danger} tone="danger">{t(`kind.${danger}`)}</Badge>)}
        </span>
      }
      hint={
        <span className="mt-1 block">
          <TransactionDid did={transaction} most={3} />
          <span className="block text-xs">{transaction.user ? `${transaction.user} · ` : ""}<span className="font-mono">{transaction.gtid ?? `${transaction.file}:${transaction.start}`}</span></span>
        </span>
      }
    />
  );
}
