import type { Connection } from "mysql2/promise";
import type { Flavor } from "#lib/contract/names.ts";
import { quoteName } from "#lib/domain/backup/sql-name.ts";
import { type Account, accountName, accountSql, readSecrets } from "#worker/engines/inventory/accounts.ts";
import { inCanonicalSession } from "#worker/engines/inventory/canonical-session.ts";
import { textRows } from "#worker/engines/inventory/information-schema.ts";
import { bareGrant, textLiteral, withQuotedDemands } from "#worker/engines/inventory/account-text.ts";

/** Two scripts: accounts come before everything (they are definers), grants after the objects that they name. */
export interface AccountStatements {
  readonly accounts: string;
  readonly grants: string;
}

/**
 * Statements that make the accounts again: CREATE USER and roles; grants and default roles. Password hashes travel as hexadecimal text, a second
 * (retained) password too. An account that the inventory calls broken is left out. Nothing is dropped, and an account that exists on the target keeps its password. `accounts` come from the inventory,
 * system accounts left out.
 */
export function accountStatements(connection: Connection, flavor: Flavor, accounts: readonly Account[]): Promise<AccountStatements> {
  return inCanonicalSession(connection, async () => {
    if (flavor === "mysql") await connection.query("SET SESSION print_identified_with_as_hex = ON");
    const secrets = await readSecrets(connection, flavor);
    const creates: string[] = [];
    const grants: string[] = [];
    const defaults: string[] = [];
    for (const account of accounts) {
      const name = accountSql(account);
      const secret = secrets.get(accountName(account));
      const [[raw] = []] = account.role ? [[`CREATE ROLE ${name}`]] : await textRows(connection, `SHOW CREATE USER ${name}`);
      const shown = raw && (secret ? withQuotedDemands(raw, secret) : raw);
      if (!shown) continue;
      const { create, defaultRole } = splitDefaultRole(shown);
      creates.push(...creation(name, create, secret?.retained ?? ""));
      if (defaultRole) defaults.push(flavor === "mysql" ? `SET DEFAULT ROLE ${defaultRole} TO ${name}` : `SET DEFAULT ROLE ${defaultRole} FOR ${name}`);
      const printed = account.host === null ? quoteName(account.user) : `${quoteName(account.user)}@${quoteName(account.host)}`;
      for (const [text = ""] of await textRows(connection, `SHOW GRANTS FOR ${name}`)) {
        if (text?.startsWith("SET DEFAULT ROLE ")) defaults.push(text);
        else grants.push(bareGrant(text ?? "", printed));
      }
    }
    const roleGrants = grants.filter((text) => !/ ON /.test(text));
    const objectGrants = grants.filter((text) => / ON /.test(text));
    const script = (statements: readonly string[]): string => statements.map((text) => `${text};\n`).join("");
    return { accounts: script(creates), grants: script([...objectGrants, ...roleGrants, ...defaults]) };
  });
}

/** With a retained password: the account is made with the old one, which the new one then keeps beside itself. */
function creation(name: string, create: string, retained: string): string[] {
  const made = create.replace(/^CREATE (USER|ROLE) /, "CREATE $1 IF NOT EXISTS ");
  const now = / IDENTIFIED WITH '([^']*)' AS (0x[0-9A-Fa-f]+|'[^']*')/.exec(made);
  if (retained === "" || !now) return [made];
  const [clause, plugin = "", hash = ""] = now;
  return [
    made.replace(clause, () => ` IDENTIFIED WITH '${plugin}' AS 0x${Buffer.from(retained, "utf8").toString("hex").toUpperCase()}`),
    `ALTER USER ${name} IDENTIFIED WITH ${textLiteral(plugin)} AS ${hash} RETAIN CURRENT PASSWORD`,
  ];
}

function splitDefaultRole(create: string): { create: string; defaultRole: string | null } {
  const match = / DEFAULT ROLE ((?:`(?:[^`]|``)*`@`(?:[^`]|``)*`,?)+)/.exec(create);
  return match ? { create: create.replace(match[0], ""), defaultRole: match[1] ?? null } : { create, defaultRole: null };
}
