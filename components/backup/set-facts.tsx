import { useTranslations } from "next-intl";
import type { SetDetail } from "#lib/contract/views/backup.ts";
import { useFormats } from "#lib/i18n/formats.ts";
import { Facts } from "../ui/facts.tsx";
import { Bytes, Instant } from "../ui/instant.tsx";
import { Link } from "../ui/link.tsx";

/** What the catalog knows of a set, in figures. */
export function SetFacts({ set }: { readonly set: SetDetail }) {
  const t = useTranslations("backups");
  const format = useFormats();
  const { summary } = set;
  const code = (text: string) => <span className="font-mono text-xs break-all">{text}</span>;
  return (
    <Facts
      items={[
        [t("fact.snapshot"), <Instant key="at" at={set.snapshotAt} as="ago" />],
        [t("fact.parent"), set.parent ? <Link key="parent" href={`/backups/${set.parent}`} className="inline-flex min-h-11 items-center font-mono text-xs underline underline-offset-2">{set.parent}</Link> : null],
        [t("fact.storedTables"), summary.parent?.storedTables !== undefined ? t("ofTables", { stored: format.number(summary.parent.storedTables), tables: format.number(set.tables) }) : null],
        [t("fact.server"), code(set.server)],
        [t("fact.version"), `${summary.flavor === "mariadb" ? "MariaDB" : "MySQL"} ${set.serverVersion}`],
        [t("fact.schemas"), code(summary.schemas.join(", "))],
        [t("fact.plain"), <Bytes key="plain" value={set.plainBytes} />],
        [t("fact.sealed"), <Bytes key="sealed" value={set.sealedBytes} />],
        [t("fact.files"), format.number(summary.artifacts)],
        [t("fact.duration"), format.duration((Date.parse(set.finishedAt) - Date.parse(set.startedAt)) / 1000)],
        [t("fact.lock"), format.duration(summary.lockHeldMs / 1000)],
        [t("fact.coordinate"), summary.coordinate ? code(`${summary.coordinate.file}:${summary.coordinate.position}`) : t("noCoordinate")],
        [t("fact.gtid"), summary.coordinate?.gtidSet ? code(summary.coordinate.gtidSet) : null],
        [t("fact.keys"), summary.recipients.length > 0 ? <ul key="keys">{summary.recipients.map((key) => <li key={key}>{code(key.replace(/(.{4})(?=.)/g, "$1 "))}</li>)}</ul> : null],
        [t("fact.policy"), code(set.policy)],
        [t("fact.host"), code(set.host)],
        [t("fact.manifest"), code(summary.manifestSha256)],
      ]}
    />
  );
}
