import type { Connection } from "mysql2/promise";
import { quoteName, quotePath } from "#lib/domain/backup/sql-name.ts";
import { textRows } from "../inventory/information-schema.ts";
import type { ColumnFacts } from "./columns.ts";

const INTEGERS = new Set(["tinyint", "smallint", "mediumint", "int", "bigint"]);

/** Conditions that cut a table by its integer primary key into ranges which hold every row once; null where it has no such key, or too few values. */
export async function keyRanges(connection: Connection, schema: string, table: string, columns: readonly ColumnFacts[], count: number): Promise<string[] | null> {
  const keys = columns.filter(({ key }) => key);
  const [key] = keys;
  if (!key || keys.length !== 1 || !INTEGERS.has(key.type)) return null;
  const name = quoteName(key.name);
  const [bounds] = await textRows(connection, `SELECT MIN(${name}), MAX(${name}) FROM ${quotePath(schema, table)}`);
  if (!bounds?.[0] || !bounds[1]) return null;
  return cutRange(name, BigInt(bounds[0]), BigInt(bounds[1]), count);
}

/** The first range is open below and the last above. */
function cutRange(name: string, least: bigint, greatest: bigint, count: number): string[] | null {
  const width = (greatest - least + 1n) / BigInt(count);
  if (width < 1n) return null;
  const cuts = Array.from({ length: count - 1 }, (_, index) => least + width * BigInt(index + 1));
  return Array.from({ length: count }, (_, index) => {
    const from = index === 0 ? [] : [`${name} >= ${cuts[index - 1]}`];
    const to = index === count - 1 ? [] : [`${name} < ${cuts[index]}`];
    return [...from, ...to].join(" AND ");
  });
}
