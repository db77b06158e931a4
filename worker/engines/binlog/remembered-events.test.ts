import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EVENT, ROW_EVENTS, type RowEventKind } from "./event-types.ts";
import { QueryEvents } from "./query-event.ts";
import { WholeRows } from "./whole-rows.ts";

/** A statement's event: session, SQL mode, one account, schema, text. */
function statement({ session, backslashes, user, schema, sql }: { session: number; backslashes: boolean; user: string; schema: string; sql: string }): Buffer {
  const mode = Buffer.alloc(9, 0);
  mode[0] = 1;
  mode.writeUInt32LE(backslashes ? 0 : 1 << 20, 1);
  const status = Buffer.concat([mode, Buffer.from([11, user.length]), Buffer.from(user), Buffer.from([1]), Buffer.from("h")]);
  const lead = Buffer.alloc(13);
  lead.writeUInt32LE(session, 0);
  lead[8] = schema.length;
  lead.writeUInt16LE(status.length, 11);
  return Buffer.concat([lead, status, Buffer.from(schema), Buffer.from([0]), Buffer.from(sql)]);
}

const statements = fc.array(
  fc.record({ session: fc.nat(1000), backslashes: fc.boolean(), user: fc.constantFrom("", "ann", "bob"), schema: fc.constantFrom("", "shop", "post"), sql: fc.constantFrom("BEGIN", "BEGIN", "begin", "COMMIT", "DROP TABLE t") }),
  { maxLength: 40 },
);

const INSERT = ROW_EVENTS.get(EVENT.writeRowsV1) as RowEventKind;
const UPDATE = ROW_EVENTS.get(EVENT.updateRowsV1) as RowEventKind;

/** Rows of a table with two numbers of four bytes; `columns`: bits of those that are there. */
function rows(kind: RowEventKind, columns: 1 | 3, count: number): Buffer {
  const images = kind.change === "update" ? 2 : 1;
  const image = Buffer.alloc(1 + (columns === 3 ? 8 : 4));
  return Buffer.concat([Buffer.from([7, 0, 0, 0, 0, 0, 1, 0, 2]), Buffer.alloc(images, columns), ...Array.from({ length: images * count }, () => image)]);
}

describe("what is remembered of events", () => {
  it("says of each statement what stands in it, in whatever order they come", () => {
    fc.assert(
      fc.property(statements, (made) => {
        const events = new QueryEvents();
        for (const one of made) {
          const { sql, ...event } = events.read(statement(one), false);
          expect({ ...event, sql: sql.toString() }).toEqual({ schema: one.schema, sql: one.sql, plainBackslashes: !one.backslashes, user: one.user === "" ? null : `${one.user}@h`, begins: one.sql === "BEGIN" });
        }
      }),
    );
  });

  it("counts the rows of each event, in whatever order they come, also behind one that ends inside of a row", () => {
    const map = { id: 7, schema: "shop", table: "orders", lengths: [4, 4], jsonColumns: 0 };
    const events = fc.array(fc.record({ kind: fc.constantFrom(INSERT, INSERT, UPDATE), columns: fc.constantFrom(1 as const, 3 as const), count: fc.integer({ min: 1, max: 4 }), cut: fc.constantFrom(0, 0, 0, 1) }), { maxLength: 40 });
    fc.assert(
      fc.property(events, (made) => {
        const counted = new WholeRows();
        for (const { kind, columns, count, cut } of made) {
          const body = rows(kind, columns, count);
          expect(counted.count(map, kind, body.subarray(0, body.length - cut))).toBe(cut > 0 ? null : count);
        }
      }),
    );
  });

  it("cannot count rows of a table with columns of an unknown kind", () => {
    expect(new WholeRows().count({ id: 7, schema: "shop", table: "orders", lengths: null, jsonColumns: 0 }, INSERT, rows(INSERT, 3, 1))).toBeNull();
  });
});
