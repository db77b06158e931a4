import type { Connection } from "mysql2/promise";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { Secret } from "#lib/platform/secret.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { rangesBetween } from "#lib/domain/backup/key-ranges.ts";
import { countRows } from "#worker/engines/inventory/count-rows.ts";
import { collectInventory } from "../inventory/collect-inventory.ts";
import { fingerprintAll } from "./fingerprint-all.ts";
import { fingerprintTable } from "./fingerprint-table.ts";

const SCHEMA = "fingerprint_test";

describe.each(["mysql", "mariadb"] as const)("fingerprint on %s", (flavor) => {
  let connection: Connection;
  const open = (): Promise<Connection> => {
    const { socket, user, password } = inject("services")[flavor];
    return connect({ name: "test", socket, user, password: new Secret(password) });
  };
  const digest = async (table: string): Promise<string> => (await fingerprintTable(connection, SCHEMA, table, flavor)).digest;

  beforeAll(async () => {
    connection = await open();
  });
  beforeEach(async () => {
    await connection.query(`DROP DATABASE IF EXISTS ${SCHEMA}`);
    await connection.query(`CREATE DATABASE ${SCHEMA}`);
    await connection.query(`USE ${SCHEMA}`);
    await connection.query("CREATE TABLE keyed (id INT PRIMARY KEY, a VARCHAR(20), b VARCHAR(20), d DOUBLE, long_text LONGTEXT)");
    await connection.query("INSERT INTO keyed VALUES (1, 'x', 'y', 0.1, REPEAT('a', 5000)), (2, 'z', NULL, 0.2, NULL), (3, '', '~', 0.3, 'short')");
    await connection.query("CREATE TABLE keyless (a INT, b VARCHAR(20))");
    await connection.query("INSERT INTO keyless VALUES (1, 'twin'), (1, 'twin'), (2, 'x'), (NULL, NULL)");
  });
  afterAll(async () => {
    await connection.query(`DROP DATABASE IF EXISTS ${SCHEMA}`);
    await connection.end();
  });

  it.each([
    ["a value changed", "UPDATE keyed SET a = 'w' WHERE id = 1"],
    ["the last of 5000 characters changed", "UPDATE keyed SET long_text = CONCAT(REPEAT('a', 4999), 'b') WHERE id = 1"],
    ["the last bit of a double changed", "UPDATE keyed SET d = 0.30000000000000004 WHERE id = 3"],
    ["case changed", "UPDATE keyed SET a = 'X' WHERE id = 1"],
    ["a blank at the end", "UPDATE keyed SET a = 'x ' WHERE id = 1"],
    ["NULL became empty", "UPDATE keyed SET b = '' WHERE id = 2"],
    ["NULL became a tilde", "UPDATE keyed SET b = '~' WHERE id = 2"],
    ["a lost row", "DELETE FROM keyed WHERE id = 2"],
    ["a swapped pair of columns", "UPDATE keyed SET a = 'y', b = 'x' WHERE id = 1"],
    ["a pair swapped between rows", "UPDATE keyed SET a = CASE id WHEN 1 THEN 'z' ELSE 'x' END WHERE id < 3"],
    ["characters moved over the border of two columns", "UPDATE keyed SET a = 'x#1', b = '' WHERE id = 1"],
  ])("changes when: %s", async (_what, statement) => {
    const before = await digest("keyed");
    await connection.query(statement);
    expect(await digest("keyed")).not.toBe(before);
  });

  it.each([
    ["a doubled row", "INSERT INTO keyless VALUES (2, 'x')"],
    ["one of two twins lost", "DELETE FROM keyless WHERE a = 1 LIMIT 1"],
    ["a pair of twins replaced by another pair", "UPDATE keyless SET b = 'other' WHERE a = 1"],
    ["both twins lost", "DELETE FROM keyless WHERE a = 1"],
  ])("changes without a key too when: %s", async (_what, statement) => {
    const before = await digest("keyless");
    await connection.query(statement);
    expect(await digest("keyless")).not.toBe(before);
  });

  it("stays when rows lie in another order, and when the default of the session differs", async () => {
    const before = await digest("keyless");
    await connection.query("CREATE TABLE sorted LIKE keyless");
    await connection.query("INSERT INTO sorted SELECT * FROM keyless ORDER BY b DESC");
    await connection.query("SET SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT', time_zone = '+05:00'");
    expect(await digest("sorted")).toBe(before);
    const [[row]] = await connection.query("SELECT @@SESSION.time_zone AS z") as unknown as [{ z: string }[]];
    expect(row?.z).toBe("+05:00");
    await connection.query("SET SESSION sql_mode = DEFAULT, time_zone = '+00:00'");
  });

  it("adds the ranges of a large table to the fingerprint of the whole", async () => {
    await connection.query("CREATE TABLE large (id BIGINT PRIMARY KEY, v VARCHAR(40))");
    await connection.query("INSERT INTO large WITH RECURSIVE s (n) AS (SELECT -500 UNION ALL SELECT n + 1 FROM s WHERE n < 499) SELECT n * 1000003, CONCAT('row ', n) FROM s");
    const second = await open();
    const inventory = await collectInventory(connection, { schemas: [SCHEMA], flavor, accounts: false });
    const huge = { ...inventory, schemas: inventory.schemas.map((schema) => ({ ...schema, tables: schema.tables.map((table) => ({ ...table, dataBytes: 1e12 })) })) };
    const done: string[] = [];
    const printed = await fingerprintAll([connection, second], huge, { flavor, onProgress: ({ table }) => done.push(table) });
    await second.end();
    const counted = await fingerprintAll([connection], inventory, { flavor, without: SCHEMA });
    expect(counted.schemas[0]?.tables.find(({ name }) => name === "large")).toMatchObject({ rows: 1000, fingerprint: null });
    expect(printed.schemas[0]?.tables.find(({ name }) => name === "large")).toMatchObject({ rows: 1000, fingerprint: await fingerprintTable(connection, SCHEMA, "large", flavor) });
    expect(done.sort()).toEqual(["keyed", "keyless", "large"]);
    // In the ranges that it is dumped in: each of them counted, by either way.
    const cut = { column: "id", ranges: rangesBetween([-400n * 1000003n, 0n, 2n ** 62n]).map((range) => ({ ...range, rows: 0, stream: null })) };
    const planned = { ...inventory, schemas: inventory.schemas.map((schema) => ({ ...schema, tables: schema.tables.map((table) => (table.name === "large" ? { ...table, cut } : table)) })) };
    for (const found of [await fingerprintAll([connection], planned, { flavor }), await countRows([connection], planned)]) {
      const large = found.schemas[0]?.tables.find(({ name }) => name === "large");
      expect(large).toMatchObject({ rows: 1000, cut: { ranges: [{ rows: 100 }, { rows: 400 }, { rows: 500 }, { rows: 0 }] } });
      if (large?.fingerprint) expect(large.fingerprint).toEqual(printed.schemas[0]?.tables.find(({ name }) => name === "large")?.fingerprint);
    }
  });

  it("names the columns that a dump rounds", async () => {
    await connection.query("CREATE TABLE lossy (id INT PRIMARY KEY, f FLOAT, plain JSON, opaque JSON)");
    await connection.query("INSERT INTO lossy VALUES (1, 16777216, '{\"a\": 1.5}', JSON_OBJECT('d', CAST(1.10 AS DECIMAL(5,2)))), (2, NULL, NULL, NULL)");
    expect((await fingerprintTable(connection, SCHEMA, "lossy", flavor)).lossyColumns).toEqual(flavor === "mysql" ? ["f", "opaque"] : ["f"]);
  });

  it("ends at once when it is cancelled", async () => {
    const inventory = await collectInventory(connection, { schemas: [SCHEMA], flavor, accounts: false });
    await expect(fingerprintAll([connection], inventory, { flavor, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
