import type { Secret } from "#lib/platform/secret.ts";

export interface MysqlLogin {
  readonly user: string;
  readonly password?: Secret | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly socket?: string | undefined;
  /** Any other client option by its long name, for instance `{"ssl-mode": "VERIFY_CA", "ssl-ca": "/etc/ca.pem"}`; `true` for options without a value. */
  readonly options?: Readonly<Record<string, string | number | true>> | undefined;
}

/**
 * First argument for every client that gets an option file on descriptor 3. `--defaults-file`, not `--defaults-extra-file`:
 * with the latter /etc/my.cnf and ~/.my.cnf are read too, and the user's file, read last, would override our login.
 */
export const OPTION_FILE_ARGUMENT = optionFileAt("/dev/fd/3");

/** The same for a client that finds its option file elsewhere (see gated-file.ts). */
export function optionFileAt(path: string): string {
  return `--defaults-file=${path}`;
}

/**
 * Text of an option file with a `[client]` section. Values stand in double quotes and are escaped for the client's own reader
 * (dev.mysql.com "Using Option Files"; mysys/my_default.cc: `\b \t \n \r \\ \s \"`): `#`, quotes, backslash, spaces,
 * newlines and any UTF-8 pass. Throws RangeError on NUL, which no option file can carry. Give it to a child by `extraFds: {3: …}` only.
 */
export function mysqlOptionFile(login: MysqlLogin): string {
  const lines = ["[client]", line("user", login.user)];
  if (login.password) lines.push(line("password", login.password.reveal()));
  if (login.host !== undefined) lines.push(line("host", login.host));
  if (login.port !== undefined) lines.push(line("port", login.port));
  if (login.socket !== undefined) lines.push(line("socket", login.socket));
  for (const [name, value] of Object.entries(login.options ?? {})) lines.push(line(name, value));
  return `${lines.join("\n")}\n`;
}

function line(name: string, value: string | number | true): string {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw new RangeError(`not an option name: ${JSON.stringify(name)}`);
  return value === true ? name : `${name}=${quoted(String(value))}`;
}

function quoted(value: string): string {
  if (value.includes("\0")) throw new RangeError("an option value cannot hold a NUL character");
  const escaped = value.replace(/[\\"\n\r\t\b]/g, (character) => ESCAPES[character] ?? character);
  return `"${escaped}"`;
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b" };
