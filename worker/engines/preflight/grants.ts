import type { Flavor } from "#lib/contract/names.ts";
import { quoteName } from "#lib/domain/backup/sql-name.ts";
import { type Finding, finding } from "./finding.ts";

/** Privileges an account holds, read from SHOW GRANTS (roles that are active included). */
export interface HeldGrants {
  /** Upper case; `ALL PRIVILEGES` stands for all. */
  readonly global: ReadonlySet<string>;
  /** By schema pattern as it stands in the grant (`%` and `_` are wildcards there). */
  readonly schemas: readonly { readonly pattern: string; readonly privileges: ReadonlySet<string> }[];
  /** On single tables, views and routines; a grant on some columns counts like one on all. */
  readonly objects: readonly { readonly schema: string; readonly name: string; readonly privileges: ReadonlySet<string> }[];
  /** Partial revokes: privileges taken away for one schema. */
  readonly revoked: readonly { readonly pattern: string; readonly privileges: ReadonlySet<string> }[];
}

/** What makes every object of a schema visible with its text. */
const OBJECT_PRIVILEGES = ["SELECT", "SHOW VIEW", "TRIGGER", "EVENT"] as const;

/** What the snapshot needs of the server as a whole; any one of a group will do, the first is the least. */
const SERVER_PRIVILEGES: Record<Flavor, readonly (readonly string[])[]> = {
  mysql: [["FLUSH_TABLES", "RELOAD"], ["REPLICATION CLIENT", "SUPER"]],
  mariadb: [["RELOAD"], ["BINLOG MONITOR", "REPLICATION CLIENT", "SUPER"]],
};

/** Rights on its schema that a heartbeat needs. */
export const HEARTBEAT_PRIVILEGES = ["SELECT", "INSERT", "DELETE", "CREATE"] as const;

const LINE = /^(GRANT|REVOKE) (.+?) ON (?:(?:TABLE|FUNCTION|PROCEDURE) )?(\*|`(?:[^`]|``)*`)\.(\*|`(?:[^`]|``)*`) (?:TO|FROM) /;

/** Reads the lines of SHOW GRANTS. */
export function readGrants(lines: readonly string[]): HeldGrants {
  const global = new Set<string>();
  const schemas: { pattern: string; privileges: Set<string> }[] = [];
  const objects: { schema: string; name: string; privileges: Set<string> }[] = [];
  const revoked: { pattern: string; privileges: Set<string> }[] = [];
  for (const line of lines) {
    const match = LINE.exec(line);
    if (!match) continue;
    const privileges = new Set((match[2] ?? "").replace(/\([^)]*\)/g, "").split(",").map((name) => name.trim().toUpperCase()));
    const pattern = unquoted(match[3] ?? "");
    if (match[4] !== "*") objects.push({ schema: pattern, name: unquoted(match[4] ?? ""), privileges });
    else if (match[1] === "REVOKE") revoked.push({ pattern, privileges });
    else if (match[3] === "*") for (const name of privileges) global.add(name);
    else schemas.push({ pattern, privileges });
  }
  return { global, schemas, objects, revoked };
}

function unquoted(name: string): string {
  return name.replace(/^`|`$/g, "").replaceAll("``", "`");
}

/**
 * Findings for every privilege that a backup of the schemas needs and the account lacks; each names the exact statement.
 * `schemas` null = whole server. `account` is CURRENT_USER(). `refused` are privileges that the server itself said are missing.
 */
export function grantFindings(held: HeldGrants, flavor: Flavor, schemas: readonly string[] | null, account: string, refused: readonly string[] = []): Finding[] {
  const findings: Finding[] = [];
  const to = accountInStatement(account);
  const lacking = (privileges: readonly string[], on: string, severity: Finding["severity"]): void => {
    if (privileges.length > 0) findings.push(finding(severity, "SERVER_GRANT_MISSING", { grant: privileges.join(", "), statement: `GRANT ${privileges.join(", ")} ON ${on} TO ${to};` }));
  };
  const holds = (name: string): boolean => holdsGlobally(held, name) && !refused.includes(name);
  lacking(SERVER_PRIVILEGES[flavor].filter((group) => !group.some(holds) || group.some((name) => refused.includes(name))).map(([least]) => least ?? ""), "*.*", "error");
  if (flavor === "mysql" && !holds("BACKUP_ADMIN")) lacking(["BACKUP_ADMIN"], "*.*", "warning");
  // Without it the guard against long statements sees only the account's own.
  if (!holds("PROCESS")) lacking(["PROCESS"], "*.*", "info");
  if (schemas === null) lacking(OBJECT_PRIVILEGES.filter((name) => !holdsGlobally(held, name)), "*.*", "error");
  else for (const schema of schemas) lacking(OBJECT_PRIVILEGES.filter((name) => !holdsOn(held, name, schema)), schemaInGrant(schema), "error");
  // With SELECT on single schemas only, routines of others are left out without a word (MySQL shows their text to global SELECT or SHOW_ROUTINE).
  const routine = flavor === "mysql" ? "SHOW_ROUTINE" : "SELECT";
  if (schemas !== null && !holdsGlobally(held, "SELECT") && !holdsGlobally(held, routine)) {
    if (flavor === "mysql") lacking(["SHOW_ROUTINE"], "*.*", "error");
    else if (!holdsOn(held, "SELECT", "mysql")) lacking(["SELECT"], "`mysql`.`proc`", "error");
  }
  for (const { pattern, privileges } of held.revoked) {
    const taken = OBJECT_PRIVILEGES.filter((name) => privileges.has(name));
    if (taken.length > 0 && (schemas === null ? pattern !== "mysql" && pattern !== "sys" : schemas.includes(pattern))) lacking(taken, `${quoteName(pattern)}.*`, "error");
  }
  return findings;
}

/**
 * What the archive needs beyond a backup: to read binary logs as a replica does (MariaDB knows the privilege by two names), and to close the current one.
 * Without them only the archive fails, so no backup is stopped.
 */
export function archiveGrantFindings(held: HeldGrants, account: string): Finding[] {
  const lacking = [["REPLICATION SLAVE", "REPLICATION REPLICA"], ["RELOAD"]].filter((group) => !group.some((name) => holdsGlobally(held, name))).map(([least]) => least ?? "");
  if (lacking.length === 0) return [];
  return [finding("warning", "SERVER_GRANT_MISSING", { grant: lacking.join(", "), statement: `GRANT ${lacking.join(", ")} ON *.* TO ${accountInStatement(account)};` })];
}

/** What heartbeats need in their schema. Without it only they fail, so nothing else is stopped. */
export function heartbeatGrantFindings(held: HeldGrants, schema: string, account: string): Finding[] {
  const lacking = HEARTBEAT_PRIVILEGES.filter((name) => !holdsOn(held, name, schema));
  if (lacking.length === 0) return [];
  return [finding("warning", "SERVER_GRANT_MISSING", { grant: lacking.join(", "), statement: `GRANT ${lacking.join(", ")} ON ${schemaInGrant(schema)} TO ${accountInStatement(account)};` })];
}

function holdsGlobally({ global }: HeldGrants, privilege: string): boolean {
  // ALL PRIVILEGES holds the static ones; MySQL lists dynamic ones beside it, MariaDB has none.
  return global.has(privilege) || (global.has("ALL PRIVILEGES") && !privilege.includes("_"));
}

/** Does it hold the privilege on this table, view or routine, by whatever grant? Names of routines compare without regard to case. */
export function holdsOnObject(held: HeldGrants, privilege: string, schema: string, name: string): boolean {
  const fits = (own: string): boolean => own === name || (privilege === "EXECUTE" && own.toLowerCase() === name.toLowerCase());
  if (held.objects.some((object) => object.schema === schema && fits(object.name) && object.privileges.has(privilege))) return true;
  return holdsOn(held, privilege, schema) && !held.revoked.some(({ pattern, privileges }) => pattern === schema && privileges.has(privilege));
}

function holdsOn(held: HeldGrants, privilege: string, schema: string): boolean {
  if (holdsGlobally(held, privilege)) return true;
  return held.schemas.some(({ pattern, privileges }) => matches(pattern, schema) && (privileges.has(privilege) || privileges.has("ALL PRIVILEGES")));
}

/** `%` any text, `_` any character, `\` takes the meaning from the next one. */
function matches(pattern: string, schema: string): boolean {
  const source = pattern.replace(/\\([_%\\])|([%_])|([.*+?^${}()|[\]\\])/g, (_whole, escaped?: string, wild?: string, special?: string) => {
    if (wild) return wild === "%" ? ".*" : ".";
    return (escaped ?? special ?? "").replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${source}$`, "su").test(schema);
}

/** All of a schema in a GRANT statement, where `_` and `%` are wildcards. */
export function schemaInGrant(schema: string): string {
  return `${quoteName(schema.replace(/([_%\\])/g, "\\$1"))}.*`;
}

/** `user@host` as `'user'@'host'`; the last `@` divides, since a host holds none. */
export function accountInStatement(account: string): string {
  const at = account.lastIndexOf("@");
  const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
  return `${quoted(account.slice(0, at))}@${quoted(account.slice(at + 1))}`;
}
