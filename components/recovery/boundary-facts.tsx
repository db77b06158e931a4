import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { BorderTransaction, ReplayBoundary } from "#lib/contract/recovery/instant.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Facts } from "../ui/facts.tsx";
import { millisOf } from "./timeline/at-instant.ts";
import { TransactionDid } from "./transaction-did.tsx";

/** Where the replay stops exactly: the last transaction that is in, the first that is out. */
export function BoundaryFacts({ boundary }: { readonly boundary: ReplayBoundary }) {
  const t = useTranslations("instant.boundary");
  const format = useFormats();
  const last = boundary.segments.at(-1);
  return (
    <Facts
      items={[
        [t("lastIncluded"), <Border key="last" transaction={boundary.lastIncluded} none={t("onlyFull")} />],
        [t("firstExcluded"), <Border key="first" transaction={boundary.firstExcluded} none={t("nothingBehind")} />],
        ...(boundary.skip.length > 0 ? [[t("skipped"), <span key="skip" className="font-mono text-xs">{boundary.skip.join(", ")}</span>] as [string, ReactNode]] : []),
        [t("lost"), <strong key="lost">{t("transactions", { count: boundary.lostTransactions, number: format.number(boundary.lostTransactions) })}</strong>],
        [t("replays"), <span key="files">{t("files", { count: boundary.segments.length })} <span className="font-mono text-xs">{last?.file}:{boundary.stop.position}</span></span>],
      ]}
    />
  );
}

/** What decides where the result stands, as a sentence's end: the first transaction left out, else the last one in, else the instant asked for. */
export function boundaryInstant({ wanted, firstExcluded, lastIncluded }: ReplayBoundary): number | null {
  if (wanted.kind === "time") return millisOf(wanted.at);
  const border = firstExcluded ?? lastIncluded;
  return border ? millisOf(border.committedAt) : null;
}

function Border({ transaction, none }: { readonly transaction: BorderTransaction | null; readonly none: string }) {
  const format = useFormats();
  if (!transaction) return <span className="text-muted">{none}</span>;
  return (
    <span>
      <span className="tabular">{format.precise(millisOf(transaction.committedAt))}</span>
      {transaction.did ? <span className="block text-sm"><TransactionDid did={transaction.did} most={3} /></span> : <span className="block font-mono text-xs">{transaction.what}</span>}
      <span className="block font-mono text-xs text-muted">{transaction.gtid ?? `${transaction.file}:${transaction.position}`}</span>
    </span>
  );
}
