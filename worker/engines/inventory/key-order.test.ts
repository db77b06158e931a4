import { describe, expect, it } from "vitest";
import type { CatalogRow } from "./information-schema.ts";
import { unsortedOrder } from "./key-order.ts";

const table: CatalogRow = { ENGINE: "InnoDB" };
const columns = (...names: string[]): CatalogRow[] => names.map((COLUMN_NAME) => ({ COLUMN_NAME }));
const index = (INDEX_NAME: string, ...names: string[]): CatalogRow[] => names.map((COLUMN_NAME, at) => ({ INDEX_NAME, COLUMN_NAME, SEQ_IN_INDEX: String(at + 1), COLLATION: "A" }));
const facts = { table, columns: columns("id", "code", "note"), indexes: [...index("PRIMARY", "id"), ...index("uq_code", "code")] };

describe("unsortedOrder", () => {
  it("says so of a table with a primary key, whatever else is unique", () => {
    expect(unsortedOrder(facts)).toBe("by-key");
    expect(unsortedOrder({ ...facts, indexes: index("PRIMARY", "id", "code") })).toBe("by-key");
  });

  it("does not where rows are not kept by primary key, or ORDER BY means another order", () => {
    expect(unsortedOrder({ ...facts, table: { ENGINE: "MyISAM" } })).toBeUndefined();
    expect(unsortedOrder({ ...facts, table: { ...table, CREATE_OPTIONS: "row_format=DYNAMIC partitioned" } })).toBeUndefined();
    expect(unsortedOrder({ ...facts, indexes: index("uq_code", "code") })).toBeUndefined();
    expect(unsortedOrder({ ...facts, indexes: index("PRIMARY", "id").map((part) => ({ ...part, COLLATION: "D" })) })).toBeUndefined();
    expect(unsortedOrder({ ...facts, indexes: index("PRIMARY", "id").map((part) => ({ ...part, SUB_PART: "10" })) })).toBeUndefined();
  });

  it("does not where an index holds all that is read: the server may read that one", () => {
    expect(unsortedOrder({ ...facts, indexes: [...facts.indexes, ...index("ix", "note", "code")] })).toBeUndefined();
    const rest: CatalogRow[] = [{ COLUMN_NAME: "note", GENERATION_EXPRESSION: "upper(code)" }, { COLUMN_NAME: "hidden", EXTRA: "INVISIBLE" }];
    expect(unsortedOrder({ ...facts, columns: [...columns("id", "code"), ...rest] })).toBeUndefined();
  });

  it("does not where an index begins like the key: a range may be read by it", () => {
    expect(unsortedOrder({ ...facts, indexes: [...facts.indexes, ...index("ix", "id", "note")] })).toBeUndefined();
  });

  it("says so of a table without a primary key whose unique keys leave rows equal: sorted by them, they come in another order each time", () => {
    const nullable: CatalogRow[] = [{ COLUMN_NAME: "code", IS_NULLABLE: "YES" }, { COLUMN_NAME: "id", IS_NULLABLE: "NO" }, { COLUMN_NAME: "note", IS_NULLABLE: "YES" }];
    const unique = (...names: string[]): CatalogRow[] => index("uq", ...names).map((part) => ({ ...part, NON_UNIQUE: "0" }));
    expect(unsortedOrder({ table, columns: nullable, indexes: unique("id", "code") })).toBe("as-put-in");
    // No two rows are equal in this one; and without any, none is sorted by.
    expect(unsortedOrder({ table, columns: nullable, indexes: [...unique("id", "code"), ...unique("id").map((part) => ({ ...part, INDEX_NAME: "strict" }))] })).toBeUndefined();
    expect(unsortedOrder({ table, columns: nullable, indexes: index("ix", "code").map((part) => ({ ...part, NON_UNIQUE: "1" })) })).toBeUndefined();
  });
});
