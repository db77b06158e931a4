import type { Flavor } from "#lib/contract/names.ts";
import { rangeCondition } from "#lib/domain/backup/key-ranges.ts";
import type { DumpShare } from "#lib/domain/backup/partition.ts";
import { Secret } from "#lib/platform/secret.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import { mysqlOptionFile } from "#worker/exec/mysql-option-file.ts";

/**
 * The option file for a client program, to be given on descriptor 3: login, TLS, and for the dump program the names it must pass over and the rows it shall dump.
 * `ignore` holds `[schema, name]` pairs; the program compares them without regard to case. `where` is an SQL condition.
 */
export function clientLogin(access: ServerAccess, flavor: Flavor, { ignore = [], where }: { readonly ignore?: readonly (readonly [string, string])[]; readonly where?: string | undefined } = {}): Secret {
  const login = mysqlOptionFile({
    user: access.user,
    password: access.password,
    ...(access.socket ? { socket: access.socket } : { host: access.host ?? "127.0.0.1", port: access.port ?? 3306 }),
    options: tlsOptions(access, flavor),
  });
  if (ignore.length === 0 && where === undefined) return new Secret(login);
  const section = flavor === "mysql" ? "[mysqldump]" : "[mariadb-dump]";
  const lines = [...ignore.map(([schema, name]) => `ignore-table=${optionValue(`${schema}.${name}`)}`), ...(where === undefined ? [] : [`where=${optionValue(where)}`])];
  return new Secret(`${login}${section}\n${lines.join("\n")}\n`);
}

/** The option file of a data child: the login, what its share passes over, and the rows that it is about. */
export function shareLogin(access: ServerAccess, flavor: Flavor, share: DumpShare): Secret {
  if (share.kind === "schemas") return clientLogin(access, flavor);
  return clientLogin(access, flavor, { ignore: (share.omit ?? []).map((name) => [share.schema, name] as const), where: share.range && rangeCondition(share.range) });
}

function tlsOptions(access: ServerAccess, flavor: Flavor): Record<string, string | true> {
  if (!access.tls) return {};
  const ca: Record<string, string> = access.tls.ca ? { "ssl-ca": access.tls.ca } : {};
  if (flavor === "mysql") {
    const modes = { disabled: "DISABLED", required: "REQUIRED", "verify-ca": "VERIFY_CA", "verify-identity": "VERIFY_IDENTITY" } as const;
    return { "ssl-mode": modes[access.tls.mode], ...ca };
  }
  if (access.tls.mode === "disabled") return { "skip-ssl": true };
  return access.tls.mode === "required" ? { ssl: true, ...ca } : { ssl: true, "ssl-verify-server-cert": true, ...ca };
}

/** Value in double quotes with the escapes that the client's option reader knows. */
function optionValue(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t")}"`;
}
