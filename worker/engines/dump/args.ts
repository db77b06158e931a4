import type { Flavor } from "#lib/contract/names.ts";
import type { DumpShare } from "#lib/domain/backup/partition.ts";
import { OPTION_FILE_ARGUMENT } from "#worker/exec/mysql-option-file.ts";

/**
 * Arguments of a data child: rows only, in primary-key order, as INSERT statements and nothing between them
 * (no LOCK TABLES, no DISABLE KEYS), so that a table's statements depend on its rows alone. Names come after `--`; what the share passes
 * over stands in the option file (see shareLogin).
 * With `binlog` a MariaDB child writes its own coordinate as a comment. MySQL's would do it only behind a FLUSH TABLES of its own, which waits for
 * the first table that another child already reads, with every writer held meanwhile; there the coordinator proves the common place (see snapshot.ts).
 */
export function dataArgs(flavor: Flavor, share: DumpShare, options: { binlog: boolean; history?: boolean }): string[] {
  return [
    OPTION_FILE_ARGUMENT,
    ...commonArgs(flavor),
    "--verbose",
    "--no-create-info",
    "--skip-triggers",
    "--skip-add-locks",
    "--skip-disable-keys",
    "--order-by-primary",
    ...(options.history ? ["--dump-history"] : []),
    ...(options.binlog && flavor === "mariadb" ? ["--master-data=2"] : []),
    ...(share.kind === "tables" ? ["--", share.schema, ...(share.omit ? [] : share.tables)] : ["--no-create-db", "--databases", "--", ...share.schemas]),
  ];
}

/** Arguments for the definitions of tables and sequences of one schema. They stay unqualified: the schema is chosen by the connection, never named. */
export function definitionArgs(flavor: Flavor, schema: string, names: readonly string[]): string[] {
  return [OPTION_FILE_ARGUMENT, ...commonArgs(flavor), "--skip-add-locks", "--no-data", "--skip-triggers", "--", schema, ...names];
}

function commonArgs(flavor: Flavor): string[] {
  return [
    "--single-transaction",
    "--quick",
    "--hex-blob",
    "--default-character-set=utf8mb4",
    "--tz-utc",
    "--no-tablespaces",
    "--skip-dump-date",
    "--max-allowed-packet=1G",
    ...(flavor === "mysql" ? ["--set-gtid-purged=OFF", "--skip-column-statistics"] : []),
  ];
}
