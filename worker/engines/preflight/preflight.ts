import type { Connection } from "mysql2/promise";
import type { SourceServer } from "#lib/contract/manifest/manifest.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import { identify, readVariables, redoLogIsOff } from "#worker/engines/server/identify.ts";
import type { ProbeStep } from "#worker/ports/destination.ts";
import { inCanonicalSession } from "../inventory/canonical-session.ts";
import { openCatalog, textRows } from "../inventory/information-schema.ts";
import { userSchemas } from "../inventory/user-schemas.ts";
import { contentFindings } from "./contents.ts";
import { type Finding, finding } from "./finding.ts";
import { archiveGrantFindings, grantFindings, heartbeatGrantFindings, readGrants } from "./grants.ts";
import { reachServer } from "./probe-server.ts";
import { settingFindings } from "./settings.ts";
import { tryStatements } from "./statements.ts";

export interface PreflightOptions {
  /** Schemas by name; null = whole server. */
  readonly schemas: readonly string[] | null;
  /** A statement that has run longer is reported, seconds. Default 60. */
  readonly longQuerySeconds?: number | undefined;
  /** Are rows dumped as SQL? Default true; false where data files alone are copied. */
  readonly asSql?: boolean | undefined;
  /** Are the binary logs archived? The account must then be allowed to read them as a replica does. */
  readonly archive?: boolean | undefined;
  /** Schema that heartbeats are to be written to; null or absent: none are. */
  readonly heartbeatSchema?: string | null | undefined;
}

export interface Preflight {
  readonly steps: ProbeStep[];
  /** What was noticed, worst first. With a finding of severity `error` no backup may start. */
  readonly findings: Finding[];
  readonly server: SourceServer;
  /** Data and index bytes of the scope, as the server estimates them. */
  readonly dataBytes: number;
}

/**
 * Everything about a server that can be known before a backup touches it; changes nothing and holds no lock that a writer would wait for.
 * @throws Fault SERVER_UNREACHABLE, SERVER_ACCESS_DENIED when there is no connection (reachServer tells the step)
 */
export async function preflight(access: ServerAccess, options: PreflightOptions): Promise<Preflight> {
  const { steps, connection, fault } = await reachServer(access);
  if (!connection) throw fault ?? new Error("no connection and no reason");
  try {
    return await inCanonicalSession(connection, () => examine(connection, access, options, steps));
  } finally {
    await connection.end().catch(() => connection.destroy());
  }
}

async function examine(connection: Connection, access: ServerAccess, options: PreflightOptions, reached: readonly ProbeStep[]): Promise<Preflight> {
  const server = await identify(connection, access.name);
  const { flavor } = server;
  const tried = await tryStatements(connection, flavor, server.version);
  const schemas = (await userSchemas(connection, options.schemas)).map(({ name }) => name);
  const catalog = await openCatalog(connection, flavor);
  const [account] = await textRows(connection, "SELECT CURRENT_USER()");
  const held = readGrants((await textRows(connection, "SHOW GRANTS")).map(([line]) => line ?? ""));
  const contents = await contentFindings(catalog, schemas, options.asSql ?? true);
  const findings = [
    ...grantFindings(held, flavor, options.schemas, account?.[0] ?? "", tried.refused),
    ...(options.archive ? archiveGrantFindings(held, account?.[0] ?? "") : []),
    ...(options.archive && options.heartbeatSchema ? heartbeatGrantFindings(held, options.heartbeatSchema, account?.[0] ?? "") : []),
    ...missingSchemas(options.schemas, schemas),
    ...tried.findings,
    ...settingFindings(server, await readVariables(connection), { filters: tried.filters, redoOff: await redoLogIsOff(connection) }),
    ...(await longStatements(connection, options.longQuerySeconds ?? 60)),
    ...contents.findings,
  ];
  const rank = { error: 0, warning: 1, info: 2 };
  return { steps: [...reached, ...tried.steps], findings: findings.sort((a, b) => rank[a.severity] - rank[b.severity]), server, dataBytes: contents.dataBytes };
}

/** A schema that the policy names and the account does not see: gone, misspelt, or hidden. */
function missingSchemas(wanted: readonly string[] | null, seen: readonly string[]): Finding[] {
  return (wanted ?? []).filter((name) => !seen.includes(name)).map((schema) => finding("error", "SERVER_OBJECTS_HIDDEN", { kind: "schema", schema }));
}

/** Without PROCESS only the account's own statements are seen; the dump's own guard then sees no more. */
async function longStatements(connection: Connection, seconds: number): Promise<Finding[]> {
  const rows = await textRows(
    connection,
    `SELECT ID, TIME FROM information_schema.PROCESSLIST WHERE COMMAND IN ('Query', 'Execute') AND TIME > ${Math.floor(seconds)} AND ID <> CONNECTION_ID() ORDER BY TIME DESC LIMIT 5`,
  );
  return rows.map(([id, time]) => finding("warning", "LONG_QUERY", { id: id ?? "", seconds: Number(time) }));
}

