import { describe, expect, it } from "vitest";
import { matchTransaction, type SearchedTransaction, type TransactionFilter } from "./search-transactions.ts";
import { second } from "./testing/archived-files.ts";

type Named = SearchedTransaction & { name: string };
const made = (name: string, at: number, parts: Partial<SearchedTransaction> = {}): Named => ({ name, gtid: `u:${at}`, committedAt: second(at), user: null, tables: [], uncountedRowEvents: 0, statements: [], statementsLeftOut: 0, ...parts });
const rows = (table: string, deleted: number, updated = 0, inserted = 0) => ({ schema: "shop", table, inserted, updated, deleted });
const statement = (kind: string, schema?: string, table = "*", text: string | null = null) => ({ kind, text, tables: schema === undefined ? [] : [{ schema, table }] });

const LOG = [
  made("few", 1, { tables: [rows("viaggi", 100)] }),
  made("many", 2, { tables: [rows("users", 3), rows("viaggi", 101)] }),
  made("changed", 3, { tables: [rows("users", 0, 5000)] }),
  made("dropped", 4, { statements: [statement("drop", "shop", "viaggi", "DROP TABLE `viaggi`")], user: "anna@10.0.0.7" }),
  made("emptied", 5, { statements: [statement("truncate", "other", "t")] }),
  made("schema", 6, { statements: [statement("drop", "shop")] }),
  made("altered", 7, { statements: [statement("alter", "shop", "users")] }),
  made("as text", 8, { statements: [statement("delete", "shop", "users")] }),
  made("lost", 9, { statements: [statement("incident")] }),
  made("unknown type", 10, { tables: [rows("odd", 0)], uncountedRowEvents: 1 }),
  made("filled", 11, { tables: [rows("bulk", 0, 0, 4000)] }),
];
const found = (filter: Partial<TransactionFilter>): string[] =>
  LOG.flatMap((transaction) => {
    const dangers = matchTransaction(transaction, { dangerousOnly: true, rowsOver: 100, ...filter });
    return dangers ? [[transaction.name, dangers.join()].filter(Boolean).join(": ")] : [];
  });

describe("searching transactions", () => {
  it("lists what may destroy, with the reason", () => {
    expect(found({})).toEqual(["many: many-deleted", "changed: many-updated", "dropped: drop", "emptied: truncate", "schema: drop", "as text: uncounted", "lost: incident", "unknown type: uncounted"]);
    expect(found({ rowsOver: 99 })).toContain("few: many-deleted");
    expect(found({ rowsOver: undefined })).toContain("changed: many-updated");
    expect(found({ rowsOver: undefined })).not.toContain("many: many-deleted");
  });

  it("by table: dropping its schema is about it, too", () => {
    expect(found({ schema: "shop", table: "viaggi" })).toEqual(["many: many-deleted", "dropped: drop", "schema: drop", "lost: incident"]);
    expect(found({ schema: "other" })).toEqual(["emptied: truncate", "lost: incident"]);
    expect(found({ schema: "shop", table: "users", dangerousOnly: false, rowsOver: undefined })).toEqual(["many", "changed: many-updated", "schema: drop", "altered", "as text: uncounted"]);
  });

  it("by kind: dangers of it, or everything that does it to as many rows", () => {
    expect(found({ kinds: ["delete"] })).toEqual(["many: many-deleted", "as text: uncounted", "unknown type: uncounted"]);
    expect(found({ kinds: ["drop", "truncate"] })).toEqual(["dropped: drop", "emptied: truncate", "schema: drop"]);
    expect(found({ kinds: ["delete"], dangerousOnly: false, rowsOver: undefined })).toEqual(["few", "many", "as text: uncounted"]);
    expect(found({ kinds: ["insert"], dangerousOnly: false, rowsOver: 3999 })).toEqual(["filled"]);
    expect(found({ kinds: ["alter"], dangerousOnly: false, rowsOver: undefined })).toEqual(["altered"]);
    expect(found({ dangerousOnly: false, rowsOver: 4000 })).toEqual(["changed: many-updated"]);
  });

  it("by who did it and by text, whatever the case", () => {
    expect(found({ user: "ANNA@" })).toEqual(["dropped: drop"]);
    expect(found({ text: "drop table" })).toEqual(["dropped: drop"]);
    expect(found({ text: "SHOP.viag" })).toEqual(["many: many-deleted", "dropped: drop"]);
    expect(found({ text: "U:5", dangerousOnly: false, rowsOver: undefined })).toEqual(["emptied: truncate"]);
  });

  it("by time, both ends included, although clocks step back", () => {
    expect(found({ from: second(4), to: second(5) })).toEqual(["dropped: drop", "emptied: truncate"]);
    expect(found({ dangerousOnly: false, rowsOver: undefined, to: second(1) })).toEqual(["few"]);
  });
});
