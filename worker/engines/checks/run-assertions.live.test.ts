import type { Connection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Secret } from "#lib/platform/secret.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import { requireAssertionSchemas, runAssertions } from "./run-assertions.ts";

describe.each(["mysql", "mariadb"] as const)("own checks on %s", (flavor) => {
  const [one, two] = [`own_a_${process.pid}`, `own_b_${process.pid}`];
  let access: ServerAccess;
  let connection: Connection;

  beforeAll(async () => {
    const service = inject("services")[flavor];
    access = { name: "db", socket: service.socket, user: service.user, password: new Secret(service.password) };
    connection = await connect(access);
    for (const [schema, rows] of [[one, "(1)"], [two, "(1), (2)"]]) for (const sql of [`CREATE DATABASE ${schema}`, `CREATE TABLE ${schema}.t (id INT PRIMARY KEY)`, `INSERT INTO ${schema}.t VALUES ${rows}`]) await connection.query(sql);
  });
  afterAll(async () => {
    for (const schema of [one, two]) await connection.query(`DROP DATABASE IF EXISTS ${schema}`);
    connection.destroy();
  });

  const count = (more: object) => ({ name: "rows", sql: "SELECT COUNT(*) FROM t", expect: "2", ...more });
  const outcome = async (assertion: ReturnType<typeof count>, schemas: string[]) => (await runAssertions(access, [assertion], schemas)).differences.map(({ found }) => found);

  it("names without a schema mean the check's own, else the only one, never whichever comes first", async () => {
    expect(await outcome(count({ schema: two }), [one, two])).toEqual([]);
    expect(await outcome(count({ schema: one }), [one, two])).toEqual(["1"]);
    expect(await outcome(count({}), [two])).toEqual([]);
    expect(await outcome(count({ sql: `SELECT COUNT(*) FROM ${two}.t` }), [one, two])).toEqual([]);
    await expect(runAssertions(access, [count({})], [one, two])).rejects.toMatchObject({ code: "ASSERTION_SCHEMA_MISSING", params: { assertion: "rows", schemas: `${one}, ${two}` } });
  });

  it("is refused before anything is loaded, and only where it must be", async () => {
    const missing = (sql: string) => requireAssertionSchemas(access, [count({ sql })], ["not_yet_a", "not_yet_b"]);
    await expect(missing("SELECT COUNT(*) FROM t")).rejects.toMatchObject({ code: "ASSERTION_SCHEMA_MISSING" });
    await expect(missing("SELECT COUNT(*) FROM not_yet_a.t, u")).rejects.toMatchObject({ code: "ASSERTION_SCHEMA_MISSING" });
    await missing("SELECT COUNT(*) FROM not_yet_a.t");
    await missing("SELECT EXTRACT(YEAR FROM NOW())");
    await requireAssertionSchemas(access, [count({ schema: "not_yet_a" })], ["not_yet_a", "not_yet_b"]);
  });
});
