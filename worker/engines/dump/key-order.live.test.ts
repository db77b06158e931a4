import type { Connection, RowDataPacket } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rangesBetween } from "#lib/domain/backup/key-ranges.ts";
import type { SizedTable } from "#lib/domain/backup/partition.ts";
import { Secret } from "#lib/platform/secret.ts";
import { type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { collectInventory } from "#worker/engines/inventory/collect-inventory.ts";
import { countRows } from "#worker/engines/inventory/count-rows.ts";
import { textRows } from "#worker/engines/inventory/information-schema.ts";
import { withTables } from "#worker/engines/inventory/on-connections.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import { testTools } from "#worker/testing/tools.ts";
import { digestTables } from "./digest-tables.ts";
import { sizedTables } from "./dumped-tables.ts";

/** All columns of a table, `a` being filled with numbers in no order and `b` with text of them. */
const TABLES: Readonly<Record<string, string>> = {
  plain: "(a INT PRIMARY KEY, b VARCHAR(40), c INT)",
  unique_beside: "(a INT PRIMARY KEY, b VARCHAR(40) NOT NULL, c INT, UNIQUE (b))",
  many_unique: "(a INT, b VARCHAR(40) COLLATE utf8mb4_general_ci, c INT, d INT AS (c + 1), e INT DEFAULT 1, PRIMARY KEY (b, a), UNIQUE (c, a), UNIQUE (d, b), KEY (c))",
  invisible: "(a INT INVISIBLE, b VARCHAR(40), c INT, PRIMARY KEY (a), UNIQUE (b))",
  covered: "(a INT PRIMARY KEY, b VARCHAR(40), c INT, UNIQUE (c, b))",
  begins_alike: "(a INT, b VARCHAR(40), c INT, e INT DEFAULT 1, PRIMARY KEY (a, c), UNIQUE (a, e, b))",
  descending: "(a INT, b VARCHAR(40), c INT, PRIMARY KEY (a DESC), UNIQUE (b))",
  beginnings: "(a INT, b VARCHAR(40), c INT, PRIMARY KEY (b(2), a), UNIQUE (a))",
  parts: "(a INT, b VARCHAR(40), c INT, e INT DEFAULT 1, PRIMARY KEY (a), UNIQUE (a, b)) PARTITION BY HASH (a) PARTITIONS 4",
  no_key: "(a INT NOT NULL, b VARCHAR(40), c INT, UNIQUE (a))",
  other_engine: "(a INT PRIMARY KEY, b VARCHAR(40), c INT, UNIQUE (b)) ENGINE = MyISAM",
};
const BY_KEY = ["invisible", "many_unique", "plain", "unique_beside"];
const ROWS = 2000;

describe("tables that are read by primary key without being asked to", () => {
  let server: RunningMysql;
  let access: ServerAccess;
  let connection: Connection;
  let tables: SizedTable[];

  beforeAll(async () => {
    server = await startMysql({ flavor: "mysql" });
    access = { name: "test", socket: server.socket, user: server.user, password: new Secret(server.password) };
    connection = await connect(access);
    await connection.query("SET SESSION cte_max_recursion_depth = 3000");
    await connection.query("CREATE DATABASE ordine");
    await connection.query("USE ordine");
    for (const [name, columns] of Object.entries(TABLES)) {
      await connection.query(`CREATE TABLE ${name} ${columns}`);
      await connection.query(`INSERT INTO ${name} (a, b, c) WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ${ROWS}) SELECT n * 7919 % 100003 - 5000, CONCAT(CHAR(97 + n * 31 % 26), LEFT(SHA2(n, 256), 32)), n * 104729 % 65537 FROM n ORDER BY SHA2(n, 256)`);
    }
    await connection.query(`ANALYZE TABLE ${Object.keys(TABLES).join(", ")}`);
    tables = sizedTables((await collectInventory(connection, { schemas: ["ordine"], flavor: "mysql", accounts: false })).schemas);
  });
  afterAll(async () => {
    await connection?.end();
    await server?.stop();
  });

  const digests = (some: readonly SizedTable[]) => digestTables({ access, flavor: "mysql", client: testTools().clients.mysql as ClientTools, tables: some, streams: 2, signal: new AbortController().signal });
  /** What is looked up about tables is sorted, too: a few rows. */
  const sorted = async (): Promise<number> => Number((await connection.query<RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'Sort_rows'"))[0][0]?.Value);
  const inRanges = (some: readonly SizedTable[]): SizedTable[] => some.map((table) => ({ ...table, ranges: rangesBetween([0n, 20_000n, 60_000n]).map((range) => ({ column: "a", ...range })) }));

  it("are those whose rows nothing else could give in another order", () => {
    expect(tables.filter(({ unsorted }) => unsorted === "by-key").map(({ name }) => name)).toEqual(BY_KEY);
  });

  it("give the same rows in the same order, whole and in ranges, and the server sorts none of them", async () => {
    const some = tables.filter(({ name }) => BY_KEY.includes(name));
    const first = some.filter(({ name }) => name !== "many_unique");
    for (const read of [some, inRanges(first)]) {
      const before = await sorted();
      const byKey = await digests(read);
      expect((await sorted()) - before).toBeLessThan(ROWS);
      const asked = await digests(read.map((table) => ({ ...table, unsorted: undefined })));
      expect([...byKey].sort()).toEqual([...asked].sort());
      expect(byKey.size).toBe(read.reduce((sum, { ranges }) => sum + (ranges?.length ?? 1), 0));
    }
  });

  it("while others are sorted as they always were", async () => {
    const before = await sorted();
    const others = tables.filter(({ name }) => !BY_KEY.includes(name));
    expect([...(await digests(others))].sort()).toEqual([...(await digests(others.map((table) => ({ ...table, unsorted: undefined }))))].sort());
    expect((await sorted()) - before).toBeGreaterThan(ROWS);
  });

  it("are counted by it, too, while the server has the memory: no other pages than the dump's are fetched for a count", async () => {
    const inventory = await collectInventory(connection, { schemas: ["ordine"], flavor: "mysql", accounts: false });
    const large = withTables(inventory, (_schema, table) => ({ ...table, dataBytes: 2 ** 40 }));
    const indexAsked = async (): Promise<string[]> => {
      const said = await textRows(connection, "SELECT DIGEST_TEXT FROM performance_schema.events_statements_summary_by_digest WHERE DIGEST_TEXT LIKE 'SELECT COUNT ( * ) FROM `ordine` %'");
      return said.flatMap(([text]) => /`ordine` \. `(\w+)` FORCE INDEX \( PRIMARY \)/.exec(text ?? "")?.[1] ?? []).sort();
    };
    for (const [of, names] of [[large, []], [inventory, BY_KEY]] as const) {
      const counted = await countRows([connection], of);
      expect(counted.schemas.flatMap((schema) => schema.tables.map(({ rows }) => rows))).toEqual(Object.keys(TABLES).map(() => ROWS));
      expect(await indexAsked()).toEqual(names);
    }
  });
});
