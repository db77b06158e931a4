import { useTranslations } from "next-intl";
import type { AuditRow } from "#lib/contract/views/people.ts";
import { actionText } from "#lib/domain/audit/action-words.ts";
import { inItalian } from "#lib/domain/fault/glossary.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Badge } from "../ui/badge.tsx";
import { DataList } from "../ui/data-list.tsx";
import { Instant } from "../ui/instant.tsx";

const TONE = { done: "neutral", refused: "warn", failed: "danger" } as const;

/** Audit entries as table, on a phone as cards. */
export function AuditList({ rows }: { readonly rows: readonly AuditRow[] }) {
  const t = useTranslations("people");
  const ui = useTranslations("ui");
  const format = useFormats();
  const role = (row: AuditRow) => (row.role && ui.has(`role.${row.role}` as "role.dba") ? ui(`role.${row.role}` as "role.dba") : row.role);
  // `policy nightly`: the kind in words as well
  const about = (row: AuditRow) => (format.locale === "it" ? inItalian("objects", row.subject) : row.subject);
  const outcome = (row: AuditRow) => <Badge tone={TONE[row.outcome]}>{t(`outcome.${row.outcome}`)}</Badge>;
  const subject = (row: AuditRow) => (
    <span className="block">
      {row.subject === row.actor ? null : <span className="font-mono text-xs break-all">{about(row)}</span>}
      <details className="text-xs text-muted">
        <summary className="inline-flex min-h-11 items-center underline underline-offset-2 md:min-h-6">{t("detail")}</summary>
        <pre className="max-h-60 max-w-lg overflow-auto rounded-sm bg-sunken p-2 font-mono whitespace-pre-wrap" tabIndex={0}>{JSON.stringify({ sequence: row.sequence, action: row.action, subject: row.subject, address: row.address, ...row.detail }, null, 1)}{"\n"}{row.hash}</pre>
      </details>
    </span>
  );
  return (
    <DataList
      caption={t("auditCaption")}
      rows={rows}
      rowKey={(row) => String(row.sequence)}
      columns={[
        { key: "sequence", header: t("auditColumn.sequence"), align: "right", cell: (row) => format.number(row.sequence) },
        { key: "at", header: t("auditColumn.at"), cell: (row) => <span className="whitespace-nowrap">{format.instant(row.at)}</span> },
        { key: "actor", header: t("auditColumn.actor"), cell: (row) => <span>{row.actor}<span className="block text-xs text-muted">{[role(row), row.address].filter(Boolean).join(" · ")}</span></span> },
        { key: "action", header: t("auditColumn.action"), cell: (row) => <span title={row.action}>{actionText(row.action, format.locale)}</span> },
        { key: "subject", header: t("auditColumn.subject"), cell: subject },
        { key: "outcome", header: t("auditColumn.outcome"), cell: outcome },
      ]}
      card={(row) => (
        <div className="flex flex-col gap-1">
          <div className="flex items-center justify-between gap-3"><span className="font-medium" title={row.action}>{actionText(row.action, format.locale)}</span>{outcome(row)}</div>
          <p className="text-sm wrap-anywhere text-muted"><span className="whitespace-nowrap"><Instant at={row.at} as="short" /></span> · {[row.actor, row.address].filter(Boolean).join(" · ")}</p>
          {subject(row)}
        </div>
      )}
    />
  );
}
