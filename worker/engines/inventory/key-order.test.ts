import { describe, expect, it } from "vitest";
import type { CatalogRow } from "./information-schema.ts";
import { isReadByKey } from "./key-order.ts";

const table: CatalogRow = { ENGINE: "InnoDB" };
const columns = (...names: string[]): CatalogRow[] => names.map((COLUMN_NAME) => ({ COLUMN_NAME }));
const index = (INDEX_NAME: string, ...names: string[]): CatalogRow[] => names.map((COLUMN_NAME, at) => ({ INDEX_NAME, COLUMN_NAME, SEQ_IN_INDEX: String(at + 1), COLLATION: "A" }));
const facts = { table, columns: columns("id", "code", "note"), indexes: [...index("PRIMARY", "id"), ...index("uq_code", "code")] };

describe("isReadByKey", () => {
  it("says so of a table with a primary key, whatever else is unique", () => {
    expect(isReadByKey(facts)).toBe(true);
    expect(isReadByKey({ ...facts, indexes: index("PRIMARY", "id", "code") })).toBe(true);
  });

  it("does not where rows are not kept by primary key, or ORDER BY means another order", () => {
    expect(isReadByKey({ ...facts, table: { ENGINE: "MyISAM" } })).toBe(false);
    expect(isReadByKey({ ...facts, table: { ...table, CREATE_OPTIONS: "row_format=DYNAMIC partitioned" } })).toBe(false);
    expect(isReadByKey({ ...facts, indexes: index("uq_code", "code") })).toBe(false);
    expect(isReadByKey({ ...facts, indexes: index("PRIMARY", "id").map((part) => ({ ...part, COLLATION: "D" })) })).toBe(false);
    expect(isReadByKey({ ...facts, indexes: index("PRIMARY", "id").map((part) => ({ ...part, SUB_PART: "10" })) })).toBe(false);
  });

  it("does not where an index holds all that is read: the server may read that one", () => {
    expect(isReadByKey({ ...facts, indexes: [...facts.indexes, ...index("ix", "note", "code")] })).toBe(false);
    const rest: CatalogRow[] = [{ COLUMN_NAME: "note", GENERATION_EXPRESSION: "upper(code)" }, { COLUMN_NAME: "hidden", EXTRA: "INVISIBLE" }];
    expect(isReadByKey({ ...facts, columns: [...columns("id", "code"), ...rest] })).toBe(false);
  });

  it("does not where an index begins like the key: a range may be read by it", () => {
    expect(isReadByKey({ ...facts, indexes: [...facts.indexes, ...index("ix", "id", "note")] })).toBe(false);
  });

  it("says so of a table without a primary key whose unique keys leave rows equal: sorted by them, they come in another order each time", () => {
    const nullable: CatalogRow[] = [{ COLUMN_NAME: "code", IS_NULLABLE: "YES" }, { COLUMN_NAME: "id", IS_NULLABLE: "NO" }, { COLUMN_NAME: "note", IS_NULLABLE: "YES" }];
    const unique = (...names: string[]): CatalogRow[] => index("uq", ...names).map((part) => ({ ...part, NON_UNIQUE: "0" }));
    expect(isReadByKey({ table, columns: nullable, indexes: unique("id", "code") })).toBe(true);
    // No two rows are equal in this one; and without any, none is sorted by.
    expect(isReadByKey({ table, columns: nullable, indexes: [...unique("id", "code"), ...unique("id").map((part) => ({ ...part, INDEX_NAME: "strict" }))] })).toBe(false);
    expect(isReadByKey({ table, columns: nullable, indexes: index("ix", "code").map((part) => ({ ...part, NON_UNIQUE: "1" })) })).toBe(false);
  });
});
