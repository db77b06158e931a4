import type { Connection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { Secret } from "#lib/platform/secret.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { type LiveHost, makeLiveHost } from "#worker/testing/live-host.ts";
import { backupFull } from "./index.ts";

/** A schema so small beside another that it is dumped whole, with a table whose engine keeps to no snapshot. */
describe.each(["mysql", "mariadb"] as const)("engines without snapshots on %s", (flavor) => {
  const large = `engines_large_${flavor}_${process.pid}`;
  const small = `engines_small_${flavor}_${process.pid}`;
  let connection: Connection;
  let live: LiveHost;

  beforeAll(async () => {
    const service = inject("services")[flavor];
    connection = await connect({ name: "db", socket: service.socket, user: service.user, password: new Secret(service.password) });
    for (const statement of [
      `CREATE DATABASE ${large}`,
      `CREATE TABLE ${large}.wide (id INT AUTO_INCREMENT PRIMARY KEY, filler LONGTEXT) ENGINE=InnoDB`,
      `INSERT INTO ${large}.wide (filler) VALUES (REPEAT('x', 8000000)), (REPEAT('y', 8000000))`,
      `ANALYZE TABLE ${large}.wide`,
      `CREATE DATABASE ${small}`,
      `CREATE TABLE ${small}.safe (id INT PRIMARY KEY) ENGINE=InnoDB`,
      `INSERT INTO ${small}.safe VALUES (1)`,
      `CREATE TABLE ${small}.isam (id INT PRIMARY KEY) ENGINE=MyISAM`,
      `INSERT INTO ${small}.isam VALUES (1), (2)`,
    ]) await connection.query(statement);
    live = await makeLiveHost({ server: service, policy: { schemas: [large, small] } });
  });
  afterAll(async () => {
    for (const schema of [large, small]) await connection.query(`DROP DATABASE IF EXISTS ${schema}`);
    connection.destroy();
    await live?.close();
  });

  it("stand in the set once, copied under the lock", async () => {
    const end = await live.run((context) => backupFull(context, live.host, "all"));
    expect(end.fault).toBeUndefined();
    const data = (end.value?.manifest.artifacts ?? []).filter(({ role }) => role === "data");
    expect(data.flatMap(({ schema, tables = [] }) => tables.map((table) => `${schema}.${table}`)).sort()).toEqual([`${large}.wide`, `${small}.isam`, `${small}.safe`]);
  });
});
