import type { Flavor } from "#lib/contract/names.ts";
import type { DumpShare } from "#lib/domain/backup/partition.ts";
import { WITHOUT_LIMITS } from "#worker/engines/server/session-limits.ts";
import { OPTION_FILE_ARGUMENT, optionFileAt } from "#worker/exec/mysql-option-file.ts";
import type { DumpProgram } from "./dump-program.ts";

/**
 * Arguments of a data child: rows only, in primary-key order, as INSERT statements and nothing between them
 * (no LOCK TABLES, no DISABLE KEYS), so that a table's statements depend on its rows alone. Where rows come in that order by themselves it is not asked for: MySQL's program asks for the order
 * of all unique keys of a table, and the server then sorts it in files of the table's size. Names come after `--`; what the share passes
 * over stands in the option file (see shareLogin).
 * With `binlog` a MariaDB child writes its own coordinate as a comment. MySQL's would do it only behind a FLUSH TABLES of its own, which waits for
 * the first table that another child already reads, with every writer held meanwhile; there the coordinator proves the common place (see snapshot.ts).
 * `optionFile`: its path where it is not given on descriptor 3.
 */
export function dataArgs(flavor: Flavor, share: DumpShare, options: { binlog: boolean; program: DumpProgram; optionFile?: string | undefined }): string[] {
  return [
    options.optionFile === undefined ? OPTION_FILE_ARGUMENT : optionFileAt(options.optionFile),
    ...commonArgs(flavor),
    ...connectionCharset(options.program),
    "--verbose",
    "--no-create-info",
    "--skip-triggers",
    "--skip-add-locks",
    "--skip-disable-keys",
    ...(share.unsorted ? [] : ["--order-by-primary"]),
    ...(options.program.history ? ["--dump-history"] : []),
    ...(options.binlog && flavor === "mariadb" ? ["--master-data=2"] : []),
    ...(share.kind === "tables" ? ["--", share.schema, ...(share.omit ? [] : share.tables)] : ["--no-create-db", "--databases", "--", ...share.schemas]),
  ];
}

/** Arguments for the definitions of tables and sequences of one schema. They stay unqualified: the schema is chosen by the connection, never named. */
export function definitionArgs(flavor: Flavor, schema: string, names: readonly string[], { initCommand }: DumpProgram): string[] {
  return [OPTION_FILE_ARGUMENT, ...commonArgs(flavor), UTF8, ...(initCommand ? [`--init-command=SET ${WITHOUT_LIMITS}`] : []), "--skip-add-locks", "--no-data", "--skip-triggers", "--", schema, ...names];
}

const UTF8 = "--default-character-set=utf8mb4";
/** The server speaks UTF-8 with it, and does not tell the program; it waits an hour for a program that is not read. */
const UTF8_UNTOLD = "SET session_track_system_variables='', character_set_client=utf8mb4, character_set_connection=utf8mb4, character_set_results=utf8mb4, net_write_timeout=3600";

/**
 * Rows travel as UTF-8 either way and come out the same. A program that takes its connection for UTF-8 looks for the borders of characters in every value that it escapes, half of its
 * CPU time for text; no byte that it escapes occurs within a character of UTF-8, so it is told `binary` and escapes byte by byte. Whether a column is binary
 * (and goes as hexadecimal) the server says. Should the program itself set the results to `binary` in between, text would come as hexadecimal: larger, not lost.
 * Its header then says SET NAMES binary, which {@link sessionLine} in data-stream.ts puts right.
 */
function connectionCharset({ initCommand }: DumpProgram): string[] {
  return initCommand ? ["--default-character-set=binary", `--init-command=${UTF8_UNTOLD}, ${WITHOUT_LIMITS}`] : [UTF8];
}

function commonArgs(flavor: Flavor): string[] {
  return [
    "--single-transaction",
    "--quick",
    "--hex-blob",
    "--tz-utc",
    "--no-tablespaces",
    "--skip-dump-date",
    "--max-allowed-packet=1G",
    ...(flavor === "mysql" ? ["--set-gtid-purged=OFF", "--skip-column-statistics"] : []),
  ];
}
