/**
 * Errors whose text names objects, accounts, settings or limits only. Others may quote values of rows or pieces of statements
 * (1062 "Duplicate entry 'Mario Rossi'", 1064 "near '…'", 1366 "Incorrect value: '…'"), which must not reach logs.
 */
const NAMES_ONLY = new Set([
  1005, 1007, 1008, 1044, 1045, 1046, 1049, 1050, 1051, 1054, 1061, 1071, 1072, 1091, 1101, 1114, 1115, 1118, 1129, 1130, 1142, 1143, 1146, 1153, 1193, 1205, 1213, 1215,
  1216, 1217, 1227, 1231, 1235, 1238, 1273, 1286, 1304, 1305, 1359, 1360, 1396, 1410, 1418, 1419, 1449, 1451, 1524, 1533, 1537, 1553, 1773, 1813, 1819, 1821, 1822, 1824, 1826, 2002, 2003,
  2006, 2013, 2026, 3121, 3510, 3546, 3552, 3762, 3780, 4052, 4085,
]);

/**
 * The server's message out of the client's standard error, without row data: number, state, line and text; quoted parts are replaced
 * unless the error only ever names objects. Null when the client printed no error of a server.
 */
export function serverMessage(stderr: string): string | null {
  const match = /^ERROR (\d+) \(([0-9A-Z]{5})\)(?: at line (\d+)[^:]*)?: ([\s\S]*)$/m.exec(stderr);
  if (!match) return clientMessage(stderr);
  const [, number = "", state = "", line, text = ""] = match;
  const place = line === undefined ? "" : ` at line ${line}`;
  return `ERROR ${number} (${state})${place}: ${withoutValues(Number(number), text.trim())}`.slice(0, 600);
}

/** What the client says in its own name: `ERROR at line 7: Unknown command '\\x'.`, `mysql: [ERROR] unknown option …`. */
function clientMessage(stderr: string): string | null {
  const match = /^ERROR at line (\d+): (.*)$/m.exec(stderr);
  if (match) return `ERROR at line ${match[1]}: ${withoutValues(0, match[2] ?? "")}`.slice(0, 600);
  const said = /^(?:mysql|mariadb)\S*: (?!\[Warning\])(.*)$/m.exec(stderr)?.[1];
  return said === undefined ? null : withoutValues(0, said).slice(0, 600);
}

/** The text of an error as the driver gives it, under the same rule. */
export function withoutValues(number: number, text: string): string {
  if (NAMES_ONLY.has(number)) return text;
  const duplicate = /^Duplicate entry '[\s\S]*' for key '([^']*)'$/.exec(text);
  if (duplicate) return `Duplicate entry '…' for key '${duplicate[1]}'`;
  // From the first quote to the last: values may hold quotes themselves.
  return text.replace(/(['"])[\s\S]*\1/, "'…'");
}
