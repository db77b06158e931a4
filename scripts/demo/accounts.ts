import { randomBytes } from "node:crypto";
import type { Connection } from "mysql2/promise";
import type { Flavor } from "#lib/contract/names.ts";

const DATABASES = ["gestionelogistica", "gestionelogistica_archivio"];

/**
 * The firm's own accounts: an application, a reporting user with a role, a definer that nobody can log in with, an office
 * with a password full of quotes. Their random passwords are not kept: nobody logs in with them in the demo.
 */
export async function createDemoAccounts(connection: Connection, flavor: Flavor): Promise<void> {
  const password = (tail = "") => randomBytes(18).toString("base64url") + tail;
  const user = async (name: string, host: string, secret: string, rest = "") =>
    connection.query(`CREATE USER IF NOT EXISTS ?@? IDENTIFIED BY ? ${rest}`, [name, host, secret]);

  await connection.query("CREATE ROLE IF NOT EXISTS gl_lettura");
  for (const database of DATABASES) await connection.query("GRANT SELECT, SHOW VIEW ON ??.* TO gl_lettura", [database]);

  await user("gl_definer", "localhost", password(), "ACCOUNT LOCK");
  for (const database of DATABASES) {
    await connection.query("GRANT SELECT, INSERT, EXECUTE, TRIGGER ON ??.* TO gl_definer@localhost", [database]);
  }
  await user("gl_app", "10.20.%", password(), "REQUIRE SSL WITH MAX_USER_CONNECTIONS 200");
  await connection.query("GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE ON gestionelogistica.* TO gl_app@'10.20.%'");

  await user("gl_report", "localhost", password());
  await connection.query("GRANT gl_lettura TO gl_report@localhost");
  await connection.query("GRANT SELECT (id, ragione_sociale, citta) ON gestionelogistica.clienti TO gl_report@localhost");
  await connection.query(
    flavor === "mysql"
      ? "ALTER USER gl_report@localhost DEFAULT ROLE gl_lettura"
      : "SET DEFAULT ROLE gl_lettura FOR gl_report@localhost",
  );
  await user("ufficio contabilità", "%", password(`'"\\\`;-- é`));
  await connection.query("GRANT SELECT, UPDATE ON gestionelogistica.fatture TO 'ufficio contabilità'@'%'");
}
