import type { Connection, RowDataPacket } from "mysql2/promise";
import type { Flavor } from "#lib/contract/names.ts";
import type { Privilege } from "#lib/domain/recovery/left-out.ts";
import { type HeldGrants, holdsOnObject, readGrants } from "#worker/engines/preflight/grants.ts";

/** What accounts may, when views and routines run with their rights. */
export type DefinerRights = (definer: string, privilege: Privilege, schema: string, name: string) => boolean;

/**
 * Reads the grants of definers (`user@host`, or a role of MariaDB). An account that the server lacks may nothing; one whose grants may not be read
 * counts as one that may everything, since nothing can be said against it. MySQL gives definers their default roles, MariaDB none.
 */
export async function readDefinerRights(connection: Connection, flavor: Flavor, definers: readonly string[]): Promise<DefinerRights> {
  const held = new Map<string, HeldGrants | null>();
  for (const definer of new Set(definers)) held.set(definer, await grantsOf(connection, flavor, definer));
  return (definer, privilege, schema, name) => {
    const grants = held.get(definer);
    return grants === null || (grants !== undefined && holdsOnObject(grants, privilege, schema, name));
  };
}

/** Errors that say that there is no such account or grant. */
const NO_ACCOUNT: ReadonlySet<number> = new Set([1141, 1133, 1396, 1959]);

async function grantsOf(connection: Connection, flavor: Flavor, definer: string): Promise<HeldGrants | null> {
  const at = definer.lastIndexOf("@");
  const account = at === -1 ? [definer] : [definer.slice(0, at), definer.slice(at + 1)];
  try {
    const roles = flavor === "mysql" ? await defaultRoles(connection, account) : [];
    const using = roles.length === 0 ? "" : ` USING ${roles.map(() => "?@?").join(", ")}`;
    const [rows] = await connection.query<RowDataPacket[]>({ sql: `SHOW GRANTS FOR ${at === -1 ? "?" : "?@?"}${using}`, rowsAsArray: true }, [...account, ...roles.flat()]);
    return readGrants(rows.map((row) => String((row as unknown as unknown[])[0])));
  } catch (error) {
    return NO_ACCOUNT.has((error as { errno?: number }).errno ?? 0) ? readGrants([]) : null;
  }
}

async function defaultRoles(connection: Connection, [user, host]: readonly string[]): Promise<string[][]> {
  const [[setting]] = await connection.query<RowDataPacket[]>("SELECT @@global.activate_all_roles_on_login AS active");
  const [rows] = await connection.query<RowDataPacket[]>(
    Number(setting?.active) === 1
      ? "SELECT FROM_USER AS user, FROM_HOST AS host FROM mysql.role_edges WHERE TO_USER = ? AND TO_HOST = ?"
      : "SELECT DEFAULT_ROLE_USER AS user, DEFAULT_ROLE_HOST AS host FROM mysql.default_roles WHERE USER = ? AND HOST = ?",
    [user, host],
  );
  return rows.map((row) => [String(row.user), String(row.host)]);
}
