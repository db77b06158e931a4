import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { SetRow } from "#lib/contract/views/backup.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { type Column, DataList } from "../ui/data-list.tsx";
import { Bytes, Instant } from "../ui/instant.tsx";
import { CopyBadges } from "./copy-badges.tsx";
import { SetLevel } from "./set-level.tsx";
import { Link } from "../ui/link.tsx";

interface SetListProps {
  readonly rows: readonly SetRow[];
  /** Buttons of one set. */
  readonly actions: (set: SetRow) => ReactNode;
}

/** Backup sets as table, on a phone as cards. */
export function SetList({ rows, actions }: SetListProps) {
  const t = useTranslations("backups");
  const format = useFormats();
  const content = (set: SetRow) => t("tablesRows", { tables: format.number(set.tables), rows: format.number(set.rows) });
  const point = (set: SetRow) => <Link href={`/backups/${set.id}`} className="inline-flex min-h-11 items-center font-medium underline decoration-line decoration-2 underline-offset-4 hover:decoration-ink"><Instant at={set.snapshotAt} as="short" /></Link>;
  const server = (set: SetRow) => <span className="font-mono text-xs whitespace-nowrap">{set.server}{set.kind === "differential" ? <span className="block font-sans text-muted">{t("differential")}</span> : null}</span>;
  const columns: Column<SetRow>[] = [
    { key: "point", header: t("column.point"), cell: point },
    { key: "server", header: t("column.server"), cell: server },
    { key: "level", header: t("column.level"), cell: (set) => <SetLevel set={set} /> },
    { key: "copies", header: t("column.copies"), cell: (set) => <CopyBadges copies={set.copies} /> },
    { key: "size", header: t("column.size"), align: "right", cell: (set) => <Bytes value={set.sealedBytes} /> },
    { key: "content", header: t("column.content"), wideOnly: true, cell: (set) => <span className="text-xs text-muted">{content(set)}</span> },
    { key: "actions", header: <span className="sr-only">{t("column.actions")}</span>, align: "right", cell: (set) => <span className="inline-flex justify-end gap-2">{actions(set)}</span> },
  ];
  return (
    <DataList
      caption={t("caption")}
      columns={columns}
      rows={rows}
      rowKey={(set) => set.id}
      groupBy={(set) => format.longDay(set.snapshotAt)}
      card={(set) => (
        <div className="flex flex-col gap-2">
          <div className="flex flex-wrap items-center justify-between gap-x-3">
            {point(set)}
            {server(set)}
          </div>
          <SetLevel set={set} />
          <p className="text-sm text-muted">{content(set)} · <Bytes value={set.sealedBytes} /></p>
          <CopyBadges copies={set.copies} />
          <div className="flex gap-2 [&>*]:flex-1">{actions(set)}</div>
        </div>
      )}
    />
  );
}
