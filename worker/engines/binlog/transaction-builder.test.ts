import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TransactionBuilder } from "./transaction-builder.ts";

const changes = fc.array(fc.record({ schema: fc.constantFrom("shop", "post"), table: fc.constantFrom("a", "b", "c"), change: fc.constantFrom("insert" as const, "update" as const, "delete" as const), rows: fc.nat(9) }), { maxLength: 30 });

describe("a transaction put together", () => {
  it("sums up rows by table, in the order in which the tables were first changed", () => {
    fc.assert(
      fc.property(changes, (made) => {
        const builder = new TransactionBuilder("binlog.000001");
        builder.begin({ gtid: null, committedAt: "1", start: 4, grouped: true });
        for (const { schema, table, change, rows } of made) builder.rows(schema, table, change, rows);
        const sum = (schema: string, table: string, kind: string): number => made.reduce((total, one) => total + (one.schema === schema && one.table === table && one.change === kind ? one.rows : 0), 0);
        const names = [...new Set(made.map(({ schema, table }) => `${schema}.${table}`))].map((name) => name.split(".") as [string, string]);
        const wanted = names.map(([schema, table]) => ({ schema, table, inserted: sum(schema, table, "insert"), updated: sum(schema, table, "update"), deleted: sum(schema, table, "delete") }));
        expect(builder.finish(90)?.tables).toEqual(wanted);
      }),
    );
  });
});
