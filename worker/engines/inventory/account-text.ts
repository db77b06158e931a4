/** What `mysql.user` keeps of an account's REQUIRE clause; empty where it asks for nothing. */
export interface CertificateDemands {
  readonly subject: string;
  readonly issuer: string;
  readonly cipher: string;
}

/** A string literal under the default sql_mode, in the ordinary form that clients can tell the end of. */
export function textLiteral(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\0", "\\0").replaceAll("\u001a", "\\Z")}'`;
}

/**
 * SHOW CREATE USER with its certificate demands as proper literals: servers print them as they are, so that `/CN=it's` ends its string too early.
 * Null when the text does not hold the clause in a known form.
 */
export function withQuotedDemands(shown: string, demands: CertificateDemands): string | null {
  const parts = (["SUBJECT", "ISSUER", "CIPHER"] as const)
    .map((word) => ({ word, value: demands[word.toLowerCase() as keyof CertificateDemands] }))
    .filter(({ value }) => value !== "");
  if (parts.length === 0) return shown;
  for (const order of permutations(parts)) {
    const bare = ` REQUIRE ${order.map(({ word, value }) => `${word} '${value}'`).join(" ")}`;
    const at = shown.indexOf(bare);
    if (at === -1) continue;
    return `${shown.slice(0, at)} REQUIRE ${order.map(({ word, value }) => `${word} ${textLiteral(value)}`).join(" ")}${shown.slice(at + bare.length)}`;
  }
  return null;
}

/**
 * A grant without what belongs to CREATE USER: MariaDB repeats password hash, REQUIRE and limits in the grant on all schemas. `owner` is the
 * account as the server prints it.
 */
export function bareGrant(text: string, owner: string): string {
  const head = ` ON *.* TO ${owner}`;
  const at = text.indexOf(head);
  if (at === -1) return text;
  const option = / WITH GRANT OPTION(?: MAX_[A-Z_]+ [\d.]+)*$/.test(text);
  return `${text.slice(0, at + head.length)}${option ? " WITH GRANT OPTION" : ""}`;
}

/** A grant in one form: privileges and the columns after each in alphabetical order, which servers give as they lie in memory. */
export function canonicalGrant(text: string): string {
  const match = /^GRANT (.*?) ON (?=\*|`|PROCEDURE|FUNCTION|PACKAGE|TABLE)/s.exec(text);
  if (!match) return text;
  const privileges = splitOutside(match[1] as string).map((privilege) => {
    const columns = /^([^(`]*)\((.*)\)$/s.exec(privilege);
    return columns ? `${columns[1]}(${splitOutside(columns[2] as string).sort().join(", ")})` : privilege;
  });
  return `GRANT ${privileges.sort().join(", ")}${text.slice("GRANT ".length + (match[1] as string).length)}`;
}

/** Parts between commas that stand neither in a quoted name nor in parentheses. */
function splitOutside(text: string): string[] {
  const parts: string[] = [];
  let [from, depth, quoted] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "`") quoted = !quoted;
    else if (quoted) continue;
    else if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (character === "," && depth === 0) {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  return [...parts, text.slice(from).trim()];
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) => permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]));
}
