import { expect, it } from "vitest";
import { isHeartbeat, withoutHeartbeats } from "./heartbeat.ts";

const beat = { schema: "salvagente_heartbeat" };
const shop = { schema: "shop" };

it.each([
  { what: "rows of its own schema", tables: [beat], statements: [], is: true },
  { what: "logged as statements", tables: [], statements: [{ kind: "insert", tables: [beat] }, { kind: "delete", tables: [beat] }], is: true },
  { what: "rows elsewhere besides", tables: [beat, shop], statements: [], is: false },
  { what: "a statement elsewhere besides", tables: [beat], statements: [{ kind: "insert", tables: [shop] }], is: false },
  { what: "its schema dropped", tables: [], statements: [{ kind: "drop", tables: [beat] }], is: false },
  { what: "nothing that is known", tables: [], statements: [], is: false },
])("a heartbeat: $what: $is", ({ tables, statements, is }) => {
  expect(isHeartbeat({ tables, statements }, "salvagente_heartbeat")).toBe(is);
  expect(isHeartbeat({ tables, statements }, null)).toBe(false);
});

it("a sum by table goes on without them", () => {
  const shopTable = { schema: "shop", table: "orders", transactions: 4 };
  const sum = { transactions: 12, earliest: "1", tables: [shopTable, { schema: "salvagente_heartbeat", table: "beat", transactions: 8 }] };
  expect(withoutHeartbeats(sum, "salvagente_heartbeat")).toEqual({ transactions: 4, earliest: "1", tables: [shopTable] });
  expect(withoutHeartbeats(sum, null)).toEqual(sum);
  expect(withoutHeartbeats(sum, "other")).toEqual(sum);
});
