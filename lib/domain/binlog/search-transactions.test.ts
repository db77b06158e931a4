import { describe, expect, it } from "vitest";
import { type SearchedTransaction, searchTransactions, type TransactionFilter } from "./search-transactions.ts";
import { second } from "./testing/archived-files.ts";

type Named = SearchedTransaction & { name: string };
const made = (name: string, at: number, parts: Partial<SearchedTransaction> = {}): Named => ({ name, committedAt: second(at), tables: [], uncountedRowEvents: 0, statements: [], statementsLeftOut: 0, ...parts });
const rows = (table: string, deleted: number, updated = 0) => ({ schema: "shop", table, inserted: 0, updated, deleted });
const statement = (kind: string, schema?: string, table = "*") => ({ kind, tables: schema === undefined ? [] : [{ schema, table }] });

const LOG = [
  made("few", 1, { tables: [rows("viaggi", 100)] }),
  made("many", 2, { tables: [rows("users", 3), rows("viaggi", 101)] }),
  made("changed", 3, { tables: [rows("users", 0, 5000)] }),
  made("dropped", 4, { statements: [statement("drop", "shop", "viaggi")] }),
  made("emptied", 5, { statements: [statement("truncate", "other", "t")] }),
  made("schema", 6, { statements: [statement("drop", "shop")] }),
  made("altered", 7, { statements: [statement("alter", "shop", "users")] }),
  made("as text", 8, { statements: [statement("delete", "shop", "users")] }),
  made("lost", 9, { statements: [statement("incident")] }),
  made("unknown type", 10, { tables: [rows("odd", 0)], uncountedRowEvents: 1 }),
];
const found = async (filter: Partial<TransactionFilter>): Promise<string[]> => {
  const names: string[] = [];
  for await (const { transaction, dangers } of searchTransactions(LOG, { dangerousOnly: true, rowsOver: 100, ...filter })) names.push(dangers.length > 0 ? `${transaction.name}: ${dangers.join()}` : transaction.name);
  return names;
};

describe("searching transactions", () => {
  it("lists what may destroy, with the reason", async () => {
    expect(await found({})).toEqual(["many: many-deleted", "changed: many-updated", "dropped: drop", "emptied: truncate", "schema: drop", "as text: uncounted", "lost: incident", "unknown type: uncounted"]);
    expect(await found({ rowsOver: 99 })).toContain("few: many-deleted");
  });

  it("by table: dropping its schema is about it, too", async () => {
    expect(await found({ schema: "shop", table: "viaggi" })).toEqual(["many: many-deleted", "dropped: drop", "schema: drop", "lost: incident"]);
    expect(await found({ schema: "other" })).toEqual(["emptied: truncate", "lost: incident"]);
    expect(await found({ schema: "shop", table: "users", dangerousOnly: false })).toEqual(["many", "changed: many-updated", "schema: drop", "altered", "as text: uncounted", "lost: incident"]);
  });

  it("by time, both ends included, although clocks step back", async () => {
    expect(await found({ from: second(4), to: second(5) })).toEqual(["dropped: drop", "emptied: truncate"]);
    expect(await found({ dangerousOnly: false, to: second(1) })).toEqual(["few"]);
  });
});
