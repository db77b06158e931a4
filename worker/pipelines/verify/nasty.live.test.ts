import type { Connection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Secret } from "#lib/platform/secret.ts";
import { type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { backupFull } from "#worker/pipelines/backup/index.ts";
import { type LiveHost, makeLiveHost } from "#worker/testing/live-host.ts";
import { createNasty, HARD_GROUPS, PORTABLE_GROUPS } from "#worker/testing/nasty-schema.ts";
import { verifySet } from "./index.ts";

/** The nastiest schema, whole server, both families: backed up, restored in isolation, equal. */
describe.each(["mysql", "mariadb"] as const)("the nastiest schema on %s", (flavor) => {
  let server: RunningMysql;
  let live: LiveHost;
  let connection: Connection;

  beforeAll(async () => {
    server = await startMysql({ flavor, options: ["--max-allowed-packet=1G"] });
    connection = await connect({ name: "db", socket: server.socket, user: server.user, password: new Secret(server.password) });
    await createNasty(connection, { flavor, include: [...PORTABLE_GROUPS, ...HARD_GROUPS], blobMegabytes: 20 });
    await addPrograms(connection, flavor);
    live = await makeLiveHost({ server, policy: { fingerprints: "always", parallel: 3 } });
  });
  afterAll(async () => {
    connection?.destroy();
    await live?.close();
    await server?.stop();
  });

  it("is proven, with what cannot be carried named as findings", async () => {
    const backup = await live.run((context) => backupFull(context, live.host, "all"));
    expect(backup.fault).toBeUndefined();
    const findings = backup.events.flatMap((event) => (event.body.type === "finding" ? [event.body.fault.code] : []));
    expect(findings.filter((code) => code === "SERVER_VIEW_BROKEN")).toHaveLength(2);
    if (flavor === "mysql") expect(findings).toContain("SERVER_FILES_ELSEWHERE");
    const verified = await live.run((context) => verifySet(context, live.host, { server: "db", setId: backup.value?.manifest.id ?? "", level: "proven" }));
    expect(verified.fault).toBeUndefined();
    expect(verified.value?.verification.restoreTest?.differences).toEqual([]);
    expect(verified.value?.verification.level).toBe("proven");
  });
});

/** What the clients or the dump programs lose and the schema of the traps does not hold. */
async function addPrograms(connection: Connection, flavor: "mysql" | "mariadb"): Promise<void> {
  await connection.query("USE nasty");
  // The client joins a line that begins with this word to the next one.
  await connection.query("CREATE PROCEDURE of_delimiters ()\nBEGIN\n  DECLARE\ndelimiter INT; -- a comment\n  SET delimiter = 1;\nEND -- the end");
  await connection.query("CREATE DEFINER = nobody@nowhere SQL SECURITY DEFINER VIEW of_nobody AS SELECT * FROM view_base");
  if (flavor === "mysql") return void (await connection.query("CREATE LIBRARY lib COMMENT 'x' LANGUAGE JAVASCRIPT AS $$ export function f() { return ';;' } $$"));
  await connection.query("SET SESSION sql_mode = ORACLE");
  await connection.query("CREATE PACKAGE pack AS FUNCTION f RETURN INT; END");
  await connection.query("CREATE PACKAGE BODY pack AS FUNCTION f RETURN INT AS BEGIN RETURN 1; END; END");
  await connection.query("SET SESSION sql_mode = DEFAULT");
}
