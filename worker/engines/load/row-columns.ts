import type { Connection, RowDataPacket } from "mysql2/promise";
import type { RowsHead } from "./row-statements.ts";

/** Types whose values stand in a dump as numbers or in quotes, and mean the same when they are read as text. */
const TEXT_TYPES: ReadonlySet<string> = new Set([
  ..."tinyint smallint mediumint int bigint decimal float double year date time datetime timestamp char varchar tinytext text mediumtext longtext json".split(" "),
  ...["enum", "set"],
]);
/** Types whose values stand in a dump as hexadecimal, or as '' when they are empty. */
const HEX_TYPES: ReadonlySet<string> = new Set("binary varbinary tinyblob blob mediumblob longblob bit".split(" "));

interface ColumnRow extends RowDataPacket {
  readonly name: string;
  readonly type: string;
  readonly charset: string | null;
  readonly extra: string;
}

/**
 * The statement that reads the rows of such INSERTs from the connection itself, as text and not as a statement's values: the rows of a dump are fields with `,` between them, strings in
 * `'`, escapes with a backslash. Null where that is not known to mean the same: other engines than InnoDB, history, types that dump programs write in other ways.
 */
export async function loadStatement(connection: Connection, head: RowsHead): Promise<string | null> {
  const name = head.table.slice(1, -1).replaceAll("``", "`");
  const [tables] = await connection.query<RowDataPacket[]>("SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ? AND table_type = 'BASE TABLE' AND engine = 'InnoDB'", [name]);
  if (tables.length === 0) return null;
  const [rows] = await connection.query<ColumnRow[]>(
    "SELECT column_name AS name, data_type AS type, character_set_name AS charset, extra AS extra FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position",
    [name],
  );
  return loadText(head, rows);
}

/** The same from known columns, in their order in the table. */
export function loadText(head: RowsHead, rows: readonly Pick<ColumnRow, "name" | "type" | "charset" | "extra">[]): string | null {
  const known = new Map(rows.map((row) => [`\`${row.name.replaceAll("`", "``")}\``, row]));
  const columns = head.columns ?? [...known].filter(([, { extra }]) => !/INVISIBLE/i.test(extra)).map(([column]) => column);
  const fields: string[] = [];
  const assignments: string[] = [];
  for (const [index, column] of columns.entries()) {
    const { type = "", charset = null, extra = "" } = known.get(column) ?? {};
    // MariaDB's dump program writes what the server will make anew
    if (/(?<!DEFAULT_)GENERATED/i.test(extra)) fields.push(`@f${index}`);
    else if (TEXT_TYPES.has(type.toLowerCase()) && charset !== "binary") fields.push(column);
    else if (HEX_TYPES.has(type.toLowerCase())) {
      fields.push(`@f${index}`);
      assignments.push(`${column} = UNHEX(MID(@f${index}, 3))`);
    } else return null;
  }
  const set = assignments.length > 0 ? ` SET ${assignments.join(", ")}` : "";
  const separator = head.separator.replaceAll("\n", "\\n");
  return `LOAD DATA LOCAL INFILE 'rows' INTO TABLE ${head.table} CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\\'' ESCAPED BY '\\\\' LINES TERMINATED BY '${separator}' (${fields.join(", ")})${set}`;
}
