import type { Connection } from "mysql2/promise";
import type { ObjectEntry } from "#lib/contract/manifest/manifest.ts";
import type { Flavor } from "#lib/contract/names.ts";
import { SANDBOX_USER } from "../sandbox/accounts.ts";
import { type CertificateDemands, canonicalGrant, withQuotedDemands } from "./account-text.ts";
import { definitionHash } from "./definition-hash.ts";
import { textRows } from "./information-schema.ts";
import { byName } from "./user-schemas.ts";

/** One account or role as the server keeps it; a MariaDB role has no host. */
export interface Account {
  readonly user: string;
  readonly host: string | null;
  readonly role: boolean;
}

/** All accounts and roles but the server's own (`mysql.*`, `mariadb.sys`, `root@localhost`) and ours on an isolated one, sorted. */
export async function listAccounts(connection: Connection, flavor: Flavor): Promise<Account[]> {
  const rows = await textRows(connection, flavor === "mariadb" ? "SELECT User, Host, is_role FROM mysql.user" : "SELECT User, Host, 'N' FROM mysql.user");
  return rows
    .map(([user, host, role]) => ({ user: user ?? "", host: role === "Y" ? null : (host ?? ""), role: role === "Y" }))
    .filter((account) => !isSystemAccount(account))
    .sort((a, b) => byName({ name: accountName(a) }, { name: accountName(b) }));
}

/** Accounts that a fresh server has by itself, and the guest's on a copy; they are neither dumped nor compared. */
function isSystemAccount({ user, host, role }: Account): boolean {
  if (role) return user === "PUBLIC";
  return user.startsWith("mysql.") || user === "mariadb.sys" || user === SANDBOX_USER || (user === "root" && host === "localhost") || (user === "mysql" && host === "localhost");
}

/** `user@host`, or the bare name of a MariaDB role: the name in an inventory. */
export function accountName({ user, host }: Account): string {
  return host === null ? user : `${user}@${host}`;
}

/** The account as it stands in a statement. */
export function accountSql({ user, host }: Account): string {
  return host === null ? quoted(user) : `${quoted(user)}@${quoted(host)}`;
}

/**
 * Accounts with the hash of their CREATE USER statement and grants. Passwords go into the hash as the server's own hashes.
 * `broken`: no statement can be made of what the server prints.
 */
export async function readAccounts(connection: Connection, flavor: Flavor): Promise<ObjectEntry[]> {
  const entries: ObjectEntry[] = [];
  if (flavor === "mysql") await connection.query("SET SESSION print_identified_with_as_hex = ON");
  const secrets = await readSecrets(connection, flavor);
  for (const account of await listAccounts(connection, flavor)) {
    const create = account.role ? [] : await textRows(connection, `SHOW CREATE USER ${accountSql(account)}`);
    // MariaDB shows a proxy right twice when it was granted twice: once is meant.
    const grants = await textRows(connection, `SHOW GRANTS FOR ${accountSql(account)}`);
    const secret = secrets.get(accountName(account));
    const { retained = "" } = secret ?? {};
    const unreadable = secret !== undefined && create.some(([text]) => withQuotedDemands(text ?? "", secret) === null);
    const definition = definitionHash({ create: create.map(([text]) => text), grants: [...new Set(grants.map(([text]) => canonicalGrant(text ?? "")))].sort(), ...(retained ? { retained } : {}) });
    entries.push({ name: accountName(account), definition, ...(unreadable ? { broken: "its REQUIRE clause" } : {}) });
  }
  return entries;
}

/** What SHOW CREATE USER prints wrongly or not at all. */
export interface AccountSecrets extends CertificateDemands {
  /** MySQL: hash of the second password that RETAIN CURRENT PASSWORD keeps; empty where there is none. */
  readonly retained: string;
}

/** By account name; accounts that have none of these are left out. */
export async function readSecrets(connection: Connection, flavor: Flavor): Promise<Map<string, AccountSecrets>> {
  const retained = flavor === "mysql" && (await textRows(connection, "SHOW COLUMNS FROM mysql.user LIKE 'User\\_attributes'")).length > 0 ? "User_attributes->>'$.additional_password'" : "NULL";
  const rows = await textRows(connection, `SELECT User, Host, x509_subject, x509_issuer, ssl_cipher, ${retained} FROM mysql.user`);
  const found = new Map<string, AccountSecrets>();
  for (const [user, host, subject, issuer, cipher, password] of rows) {
    const secrets = { subject: subject ?? "", issuer: issuer ?? "", cipher: cipher ?? "", retained: password ?? "" };
    if (Object.values(secrets).some((value) => value !== "")) found.set(`${user ?? ""}@${host ?? ""}`, secrets);
  }
  return found;
}

/** Account names take quoted strings only, no hexadecimal literals; sql_mode is empty here, so a backslash escapes. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
