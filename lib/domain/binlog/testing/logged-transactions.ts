import fc from "fast-check";

const UUID = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
const SCHEMA = fc.constantFrom("shop", "other");
const TABLE = fc.constantFrom("viaggi", "users", "*");
const ROWS = fc.integer({ min: 0, max: 3000 });

export interface LoggedTransaction {
  readonly gtid: string | null;
  readonly committedAt: string;
  readonly start: number;
  readonly end: number;
  readonly user: string | null;
  readonly tables: readonly { readonly schema: string; readonly table: string; readonly inserted: number; readonly updated: number; readonly deleted: number }[];
  readonly uncountedRowEvents: number;
  readonly statements: readonly { readonly kind: string; readonly schema: string; readonly tables: readonly { readonly schema: string; readonly table: string }[]; readonly text: string | null }[];
  readonly statementsLeftOut: number;
  readonly statementFormat: boolean;
  readonly xa: string | null;
}

const statement = fc.record({
  kind: fc.constantFrom("drop", "truncate", "alter", "account", "update", "delete", "other", "incident"),
  schema: SCHEMA,
  tables: fc.array(fc.record({ schema: SCHEMA, table: TABLE }), { maxLength: 2 }),
  text: fc.option(fc.constantFrom("DROP TABLE `viaggi`", "ALTER TABLE users ADD x INT")),
});

const one = fc.record({
  origin: fc.constantFrom(`${UUID}:`, `${UUID}:tag:`, "0-1-", null),
  step: fc.integer({ min: 1, max: 5 }),
  at: fc.integer({ min: 0, max: 40 }).map((at) => String(at * 1_000_000)),
  gap: fc.nat(60),
  bytes: fc.integer({ min: 100, max: 5000 }),
  user: fc.option(fc.constantFrom("anna@10.0.0.7", "bruno@%")),
  tables: fc.uniqueArray(fc.record({ schema: SCHEMA, table: fc.constantFrom("viaggi", "users"), inserted: ROWS, updated: ROWS, deleted: ROWS }), { maxLength: 3, selector: ({ schema, table }) => `${schema}.${table}` }),
  statements: fc.array(statement, { maxLength: 2 }),
  uncountedRowEvents: fc.constantFrom(0, 0, 0, 1),
  statementsLeftOut: fc.constantFrom(0, 0, 0, 2),
  statementFormat: fc.boolean(),
  xa: fc.constantFrom(null, null, "prepare", "commit"),
});

/** Transactions that follow each other in a log: numbers of each origin go up, commit times need not. */
export const loggedTransactions: fc.Arbitrary<LoggedTransaction[]> = fc.array(one, { minLength: 1, maxLength: 30 }).map((parts) => {
  const numbers = new Map<string, number>();
  let end = 200;
  return parts.map(({ origin, step, at, gap, bytes, ...rest }) => {
    const number = (numbers.get(origin ?? "") ?? 7) + step;
    numbers.set(origin ?? "", number);
    const start = end + gap;
    end = start + bytes;
    return { gtid: origin === null ? null : `${origin}${number}`, committedAt: at, start, end, ...rest };
  });
});
