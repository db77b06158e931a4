import { expect, it } from "vitest";
import type { ArchivedTransaction } from "#lib/contract/archive/transaction.ts";
import { changesText, mostTelling } from "./archived-transactions.ts";

const rows = (table: string, inserted: number, updated: number, deleted: number) => ({ schema: "shop", table, inserted, updated, deleted });
const statement = (kind: ArchivedTransaction["statements"][number]["kind"], text: string | null) => ({ kind, schema: "shop", tables: [{ schema: "shop", table: "orders" }], text });

it("says in signs what is worded where it is read", () => {
  expect(changesText({ statements: [], tables: [rows("orders", 100, 0, 0), rows("lines", 1, 2, 3), rows("empty", 0, 0, 0)] })).toBe("shop.orders +100; shop.lines +1 ~2 -3; shop.empty");
  expect(changesText({ statements: [statement("drop", "DROP TABLE orders"), statement("delete", null)], tables: [] })).toBe("DROP TABLE orders; delete shop.orders");
});

it("names the most changed tables and the first statements, and counts the rest", () => {
  const told = mostTelling({ statements: [statement("drop", "DROP TABLE orders"), statement("delete", null)], statementsLeftOut: 3, tables: [rows("few", 1, 0, 0), rows("many", 0, 0, 9), rows("some", 1, 1, 0)] }, { tables: 2, statements: 1, characters: 4 });
  expect(told).toEqual({ statements: [{ ...statement("drop", "DROP") }], statementsLeftOut: 4, tables: [rows("many", 0, 0, 9), rows("some", 1, 1, 0)], tablesLeftOut: 1 });
});
