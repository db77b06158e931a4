import { randomBytes } from "node:crypto";
import type { Connection, RowDataPacket } from "mysql2/promise";
import type { Secret } from "#lib/platform/secret.ts";

export const SANDBOX_USER = "salvagente_sandbox";

/** For a new data directory. One statement a line, as --init-file wants it. Our own account: the accounts of the backup may bring another root. */
export function accountStatements(password: Secret): string {
  return [
    `ALTER USER 'root'@'localhost' IDENTIFIED BY '${randomBytes(24).toString("hex")}';`,
    `CREATE USER '${SANDBOX_USER}'@'localhost' IDENTIFIED BY '${password.reveal()}';`,
    `GRANT ALL PRIVILEGES ON *.* TO '${SANDBOX_USER}'@'localhost' WITH GRANT OPTION;`,
    // Only who may act for anybody may grant it, as MariaDB's root accounts do; an init file itself may not.
    `INSERT INTO mysql.proxies_priv (Host, User, Proxied_host, Proxied_user, With_grant) VALUES ('localhost', '${SANDBOX_USER}', '', '', 1);`,
    "FLUSH PRIVILEGES;",
    "",
  ].join("\n");
}

/** For a data directory that brings accounts of its own, which are left as they are. */
export function guestStatements(password: Secret): string {
  return [
    `DROP USER IF EXISTS '${SANDBOX_USER}'@'localhost';`,
    `CREATE USER '${SANDBOX_USER}'@'localhost' IDENTIFIED BY '${password.reveal()}';`,
    `GRANT ALL PRIVILEGES ON *.* TO '${SANDBOX_USER}'@'localhost';`,
    "",
  ].join("\n");
}

/** Takes our account out again: the data are as they came. The connection itself goes on. */
export async function dropGuest(connection: Connection): Promise<void> {
  await connection.query(`DROP USER '${SANDBOX_USER}'@'localhost'`);
}

/** Long enough for nobody to guess, and of all kinds of characters: the data may bring a password policy of their own. */
export function newSandboxPassword(): string {
  return `aA1-${randomBytes(24).toString("hex")}`;
}

/** MariaDB's installer makes root@<this host>, which no backup has; root@localhost stays, as definer of what is loaded, with a password nobody knows. */
export async function dropForeignAccounts(connection: Connection): Promise<void> {
  const [rows] = await connection.query<RowDataPacket[]>({ sql: "SELECT User, Host FROM mysql.user WHERE User = 'root' AND Host <> 'localhost'" });
  for (const row of rows) await connection.query("DROP USER ?@?", [String(row.User), String(row.Host)]);
}
