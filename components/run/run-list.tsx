import { useTranslations } from "next-intl";
import type { RunRow } from "#lib/contract/views/run.ts";
import { faultText } from "#lib/domain/fault/fault.ts";
import { isFaultCode } from "#lib/domain/fault/table.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { type Column, DataList } from "../ui/data-list.tsx";
import { Bytes, Instant } from "../ui/instant.tsx";
import { Link } from "../ui/link.tsx";
import { Meter } from "../ui/meter.tsx";
import { Status } from "../ui/status.tsx";
import { RunKindLabel } from "./run-kind.tsx";

interface RunListProps {
  readonly rows: readonly RunRow[];
  /** Cards under a heading per day. */
  readonly byDay?: boolean;
  /** Fewer columns, for half a page. */
  readonly compact?: boolean;
}

/** Runs as table, on a phone as cards. */
export function RunList({ rows, byDay = false, compact = false }: RunListProps) {
  const t = useTranslations("activity");
  const run = useTranslations("run");
  const format = useFormats();
  const by = (row: RunRow) => row.requestedBy ?? (row.cause?.type === "schedule" ? `${run(`trigger.${row.trigger}`)}: ${row.cause.schedule}` : run(`trigger.${row.trigger}`));
  const columns: Column<RunRow>[] = [
    { key: "when", header: t("column.when"), cell: (row) => <Instant at={row.queuedAt} as="short" /> },
    { key: "what", header: t("column.what"), cell: (row) => <RunCell row={row} withServer={compact} /> },
    ...(compact ? [] : [{ key: "server", header: t("column.server"), cell: (row: RunRow) => (row.server ? <span className="font-mono text-xs whitespace-nowrap">{row.server}</span> : "–") }]),
    { key: "state", header: t("column.state"), cell: (row) => <StateCell row={row} /> },
    { key: "seconds", header: t("column.seconds"), align: "right", cell: (row) => <span className="whitespace-nowrap">{row.seconds === null ? "–" : format.duration(row.seconds)}</span> },
    { key: "bytes", header: t("column.bytes"), align: "right", cell: (row) => (row.bytes === null ? "–" : <Bytes value={row.bytes} />) },
    ...(compact ? [] : [{ key: "by", header: t("column.by"), wideOnly: true, cell: (row: RunRow) => <span className="block max-w-48 truncate text-muted" title={by(row)}>{by(row)}</span> } as const]),
  ];
  return (
    <DataList
      caption={t("caption")}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.id}
      cardHref={(row) => `/activity/${row.id}`}
      {...(byDay ? { groupBy: (row: RunRow) => format.longDay(row.queuedAt) } : {})}
      card={(row) => (
        <>
          <div className="flex flex-wrap items-center justify-between gap-2">
            <RunKindLabel kind={row.kind} />
            <Status state={row.state} />
          </div>
          <p className="mt-1 flex flex-wrap gap-x-3 text-sm text-muted">
            <Instant at={row.queuedAt} as="short" />
            {row.server ? <span className="font-mono text-xs leading-5">{row.server}</span> : null}
            {row.seconds === null ? null : <span>{format.duration(row.seconds)}</span>}
            {row.bytes === null ? null : <Bytes value={row.bytes} />}
          </p>
          <FaultLine row={row} />
        </>
      )}
    />
  );
}

function RunCell({ row, withServer }: { readonly row: RunRow; readonly withServer: boolean }) {
  return (
    <div className="min-w-0">
      <Link href={`/activity/${row.id}`} className="inline-flex min-h-8 items-center underline decoration-line decoration-2 underline-offset-4 hover:decoration-ink"><RunKindLabel kind={row.kind} /></Link>
      {withServer && row.server ? <p className="pl-7 font-mono text-xs whitespace-nowrap text-muted">{row.server}</p> : null}
      <FaultLine row={row} />
    </div>
  );
}

function StateCell({ row }: { readonly row: RunRow }) {
  const progress = row.state === "running" ? row.progress : null;
  const t = useTranslations("run");
  return (
    <div className="inline-flex flex-col items-start gap-1.5">
      <Status state={row.state} />
      {progress?.bytesTotal ? <Meter share={progress.bytesDone / progress.bytesTotal} label={t("progress")} /> : null}
    </div>
  );
}

/** One line of what went wrong; all of it stands on the run's page. */
function FaultLine({ row }: { readonly row: RunRow }) {
  const { locale } = useFormats();
  if (!row.fault || !isFaultCode(row.fault.code)) return null;
  return <p className="mt-0.5 line-clamp-2 max-w-md text-sm text-danger-fg">{faultText({ code: row.fault.code, params: row.fault.params }, locale).what}</p>;
}
