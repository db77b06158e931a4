import type { Connection } from "mysql2/promise";
import { HEARTBEAT_SCHEMA } from "#lib/domain/archive/heartbeat.ts";
import type { Secret } from "#lib/platform/secret.ts";
import type { Flavor } from "#lib/contract/names.ts";
import { HEARTBEAT_PRIVILEGES, schemaInGrant } from "#worker/engines/preflight/grants.ts";

/**
 * What the backup account needs and nothing more (docs of mysqldump, LOCK INSTANCE FOR BACKUP; tried on 9.7).
 * Global SELECT also shows routine bodies; FLUSH_TABLES serves both FLUSH TABLES WITH READ LOCK and mysqldump's own. The last two are the archive's:
 * it follows the binary logs, and an incremental closes the current one.
 */
export const MYSQL_BACKUP_GRANTS = [
  "SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "FLUSH_TABLES", "BACKUP_ADMIN", "REPLICATION CLIENT", "REPLICATION SLAVE", "RELOAD",
] as const;

/**
 * MariaDB: BACKUP STAGE and FLUSH TABLES need RELOAD, SHOW MASTER STATUS needs BINLOG MONITOR (tried on 10.11).
 * Routine bodies and SHOW CREATE USER come with SELECT on the mysql schema, which SELECT on *.* holds.
 */
export const MARIADB_BACKUP_GRANTS = [
  "SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "RELOAD", "BINLOG MONITOR", "REPLICATION SLAVE",
] as const;

export interface BackupAccount {
  readonly user: string;
  readonly password: Secret;
  readonly flavor: Flavor;
  /** Host part of the account. Default `localhost`. */
  readonly host?: string;
}

/** Creates (or re-creates the password and grants of) the least-privilege account that backups run as, and the archive with its heartbeats. */
export async function createBackupAccount(connection: Connection, account: BackupAccount): Promise<void> {
  const name = [account.user, account.host ?? "localhost"];
  const grants = account.flavor === "mysql" ? MYSQL_BACKUP_GRANTS : MARIADB_BACKUP_GRANTS;
  await connection.query("CREATE USER IF NOT EXISTS ?@?", name);
  await connection.query("ALTER USER ?@? IDENTIFIED BY ?", [...name, account.password.reveal()]);
  await connection.query(`GRANT ${grants.join(", ")} ON *.* TO ?@?`, name);
  await connection.query(`GRANT ${HEARTBEAT_PRIVILEGES.join(", ")} ON ${schemaInGrant(HEARTBEAT_SCHEMA)} TO ?@?`, name);
}
