import type { TableFingerprint } from "#lib/contract/manifest/manifest.ts";
import type { Flavor } from "#lib/contract/names.ts";
import { quotePath } from "#lib/domain/backup/sql-name.ts";
import type { ColumnFacts } from "./columns.ts";
import { changedCount, roundedColumns, rowText, suspectColumns } from "./row-expression.ts";

/** One table (or a range of it) to be hashed. */
export interface Scan {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly ColumnFacts[];
  readonly flavor: Flavor;
  /** SQL condition of the range; absent = all rows. */
  readonly range?: string | undefined;
  /** MariaDB: also the rows of the past. */
  readonly versioned?: boolean | undefined;
}

/** What one scan gives; parts of a table add up in any order. */
export interface ScanResult {
  readonly rows: number;
  /** XOR of the rows' hashes. */
  readonly xor: bigint;
  /** Sum of 64 bits of each row's hash, where equal rows are possible: a pair of them vanishes from an XOR. */
  readonly sum: bigint | null;
  readonly lossyColumns: readonly string[];
}

/**
 * MySQL XORs whole SHA-256 values. MariaDB's BIT_XOR takes 64 bits: two slices, the hash kept in a variable so that it is
 * computed once (select-list aggregates are fed from left to right).
 */
export function scanSql(scan: Scan): string {
  const { schema, table, columns, flavor } = scan;
  const hash = `SHA2(${rowText(columns, flavor)}, 256)`;
  const twins = mayHaveTwins(scan);
  const aggregates = flavor === "mysql"
    ? [`HEX(BIT_XOR(UNHEX(${twins ? `@salvagente_row := ${hash}` : hash})))`, ...(twins ? [`SUM(${slice("@salvagente_row", 1)})`] : [])]
    : [`BIT_XOR(${slice(`@salvagente_row := ${hash}`, 1)})`, `BIT_XOR(${slice("@salvagente_row", 17)})`, ...(twins ? [`SUM(${slice("@salvagente_row", 33)})`] : [])];
  const changed = suspectColumns(columns, flavor).map(changedCount);
  const history = scan.versioned ? " FOR SYSTEM_TIME ALL" : "";
  return `SELECT COUNT(*), ${[...aggregates, ...changed].join(", ")} FROM ${quotePath(schema, table)}${history}${scan.range ? ` WHERE ${scan.range}` : ""}`;
}

/** Reads the row of `scanSql`. */
export function scanResult(scan: Scan, values: readonly (string | null)[]): ScanResult {
  const { columns, flavor } = scan;
  const rest = values.slice(1);
  const xor = flavor === "mysql" ? BigInt(`0x${rest.shift() || "0"}`) : (BigInt(rest.shift() ?? "0") << 64n) | BigInt(rest.shift() ?? "0");
  const sum = mayHaveTwins(scan) ? BigInt(rest.shift() ?? "0") : null;
  const changed = suspectColumns(columns, flavor).filter((_, index) => Number(rest[index] ?? 0) > 0).map(({ name }) => name);
  return { rows: Number(values[0]), xor, sum, lossyColumns: [...roundedColumns(columns), ...changed] };
}

/** The parts of one table as its fingerprint. */
export function combine(parts: readonly ScanResult[]): TableFingerprint {
  const xor = parts.reduce((all, part) => all ^ part.xor, 0n);
  const sums = parts.some((part) => part.sum !== null) ? `+${parts.reduce((all, part) => all + (part.sum ?? 0n), 0n).toString(16)}` : "";
  return {
    rows: parts.reduce((all, part) => all + part.rows, 0),
    digest: `${xor.toString(16)}${sums}`,
    lossyColumns: [...new Set(parts.flatMap((part) => part.lossyColumns))].sort(),
  };
}

function mayHaveTwins({ columns, versioned }: Scan): boolean {
  return versioned === true || !columns.some(({ key }) => key);
}

function slice(hash: string, from: number): string {
  return `CAST(CONV(SUBSTR(${hash}, ${from}, 16), 16, 10) AS UNSIGNED)`;
}
