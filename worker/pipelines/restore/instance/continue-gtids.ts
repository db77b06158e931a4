import type { Connection } from "mysql2/promise";
import type { Manifest } from "#lib/contract/manifest/manifest.ts";
import type { ReplayBoundary } from "#lib/contract/recovery/instant.ts";

/**
 * MariaDB keeps what it has executed in its binary log, which is no part of the data files: a new one would give out GTIDs of its source a second time. The position of a
 * replica is in the files, and a server numbers on from there.
 */
export async function continueGtids(connection: Connection, { server, coordinate }: Manifest, boundary: ReplayBoundary | undefined): Promise<void> {
  const reached = boundary ? boundary.expectedGtids : coordinate?.gtidSet;
  if (server.flavor === "mariadb" && reached) await connection.query("SET GLOBAL gtid_slave_pos = ?", [reached]);
}
