import type { Connection, RowDataPacket } from "mysql2/promise";
import { artifactPart, BODY_MARK } from "#lib/domain/backup/artifact-names.ts";
import { quoteName } from "#lib/domain/backup/sql-name.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { withOwnReferencesNamed, withOwnTriggerHeaders, withoutObjects, withReferencesTo } from "#lib/domain/recovery/references.ts";
import { splitStatements } from "#lib/domain/recovery/statements.ts";
import type { ArtifactChanges, LoadableArtifact } from "#worker/engines/load/load-artifact.ts";
import { loadSet } from "#worker/engines/load/load-set.ts";
import { chain } from "#worker/engines/load/rewrite.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { isAccountPart } from "./account-part.ts";
import type { Draft } from "./draft.ts";
import { disabledEvents, wholeRewriter } from "./whole-rewriter.ts";

/** Streams and index builds at once. */
export const LOAD_WORKERS = 2;

/** Schemas made by a run, so that it can take back exactly these. */
export class CreatedSchemas {
  readonly #names: string[] = [];

  get names(): readonly string[] {
    return this.#names;
  }

  /** Makes a schema that must not exist yet. Fault TARGET_NOT_EMPTY. */
  async create(connection: Connection, name: string, settings: { characterSet: string; collation: string }): Promise<void> {
    try {
      await connection.query(`CREATE DATABASE ${quoteName(name)} CHARACTER SET ${settings.characterSet} COLLATE ${settings.collation}`);
    } catch (error) {
      if ((error as { errno?: number }).errno === 1007) throw new Fault("TARGET_NOT_EMPTY", { params: { name }, cause: error });
      throw error;
    }
    this.#names.push(name);
  }

  /** Drops them with all that is in them. */
  async drop(connection: Connection): Promise<void> {
    await connection.query("SET SESSION foreign_key_checks = 0");
    for (const name of this.#names.toReversed()) await connection.query(`DROP DATABASE IF EXISTS ${quoteName(name)}`);
  }

  /** Drops those that hold nothing: where tables of others have been moved in. */
  async dropEmpty(connection: Connection): Promise<void> {
    for (const name of this.#names.toReversed()) {
      const [rows] = await connection.query<RowDataPacket[]>("SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? LIMIT 1", [name]);
      if (rows.length === 0) await connection.query(`DROP DATABASE IF EXISTS ${quoteName(name)}`);
    }
  }
}

export interface LoadJob {
  readonly draft: Draft;
  readonly artifacts: readonly LoadableArtifact[];
  /** Old schema name → name to load into. */
  readonly into: Readonly<Record<string, string>>;
}

/** Loads the given artifacts into schemas that this run made. Faults: as loadSet. */
export async function loadInto(context: RunContext, host: HostRuntime, { draft, artifacts, into }: LoadJob, connection: Connection): Promise<void> {
  const { manifest } = draft.set.signed;
  const tools = host.tools.clients[manifest.server.flavor];
  if (!tools) throw new Fault("TOOL_MISSING", { params: { tool: manifest.server.flavor === "mysql" ? "mysql" : "mariadb" } });
  const accounts = artifacts.some(({ name }) => isAccountPart(name)) ? await accountNames(connection) : [];
  const newInstance = draft.request.target.kind === "server" && draft.target.isNew;
  if (newInstance && manifest.server.flavor === "mysql") context.log("info", "the server holds nothing yet: redo log off while it is filled; should this run be killed, fill a fresh server anew");
  const report = await loadSet({
    target: { access: draft.access, flavor: manifest.server.flavor, tools, signal: context.signal, skipBinlog: newInstance },
    artifacts,
    mode: newInstance ? "new-instance" : "new-schemas",
    workers: LOAD_WORKERS,
    changes: (artifact) => changesOf(draft, artifact, into, accounts),
    tableSize: (schema, table) => manifest.inventory.schemas.find(({ name }) => name === schema)?.tables.find(({ name }) => name === table) ?? null,
    onProgress: (progress) => context.progress({ stage: "load", bytesDone: progress.bytesDone, bytesTotal: progress.bytesTotal, itemsDone: progress.tablesDone, itemsTotal: progress.tablesTotal, item: progress.item }),
  });
  context.log("info", `${Math.round(report.bytes / 1e6)} MB loaded in ${report.seconds.toFixed(1)} s, ${report.tablesWithDeferredIndexes} tables with indexes built after their rows`);
}

function changesOf(draft: Draft, artifact: LoadableArtifact, into: LoadJob["into"], existing: readonly string[]): ArtifactChanges {
  const part = artifactPart(artifact.name);
  const rewriters = [];
  const lost = new Set(draft.leftOut.filter(({ schema }) => schema === artifact.schema).map(({ kind, name }) => `${kind} ${asBytes(name)}`));
  if (lost.size > 0 && part !== "tables" && part !== "data") rewriters.push(wholeRewriter((sql) => leadKept(sql, (body) => withoutObjects(body, lost))));
  const { schema } = artifact;
  if (part === "tables" && Object.entries(into).some(([from, to]) => from !== to)) rewriters.push(wholeRewriter((sql) => withReferencesTo(sql, Object.fromEntries(Object.entries(into).map(([from, to]) => [asBytes(from), asBytes(to)])))));
  // In place the tables load into a schema that goes away: a key at a table that stays where it is must not go with it.
  const { tables: chosen, request } = draft;
  if (part === "tables" && schema !== undefined && chosen !== null && request.target.kind === "in-place") rewriters.push(wholeRewriter((sql) => withOwnReferencesNamed(sql, asBytes(schema), new Set(chosen.map(asBytes)))));
  if (part === "triggers" && schema !== undefined && into[schema] !== schema) rewriters.push(wholeRewriter((sql) => leadKept(sql, (body) => withOwnTriggerHeaders(body, asBytes(schema)))));
  if (part === "events" && draft.request.target.kind === "beside") rewriters.push(wholeRewriter(disabledEvents));
  if (isAccountPart(artifact.name)) rewriters.push(wholeRewriter((sql) => withoutAccounts(sql, existing)));
  const tables = draft.tables !== null && (part === "tables" || part === "data") ? { tables: new Set(draft.tables) } : {};
  return { ...(artifact.schema !== undefined ? { schema: into[artifact.schema] ?? artifact.schema } : {}), ...tables, ...(rewriters.length > 0 ? { body: chain(rewriters) } : {}) };
}

/** A name as wholeRewriter shows it: one character for each byte. */
function asBytes(name: string): string {
  return Buffer.from(name, "utf8").toString("latin1");
}

/** The lead chooses the schema by its name and is no reference. */
function leadKept(sql: string, change: (body: string) => string): string {
  const at = sql.indexOf(BODY_MARK);
  return at === -1 ? change(sql) : sql.slice(0, at) + change(sql.slice(at));
}

/** The statements of accounts that the target lacks; what exists there is not touched. */
export function withoutAccounts(sql: string, existing: readonly string[]): string {
  const known = new Set(existing);
  let kept = "";
  let from = 0;
  for (const { text, start, end } of splitStatements(sql)) {
    const owner = /(?:\b(?:USER|ROLE) IF NOT EXISTS|\bALTER USER|\bTO|\bFOR) ([`'])((?:(?!\1).|\1\1)*)\1(?:@([`'])((?:(?!\3).|\3\3)*)\3)?(?=$|[\s,;]|IDENTIFIED)/s.exec(text);
    if (!owner) continue;
    const [, quote = "", user = "", , host] = owner;
    if (!known.has(host === undefined ? user : `${user.replaceAll(quote + quote, quote)}@${host}`)) continue;
    kept += sql.slice(from, start);
    from = end;
  }
  return kept + sql.slice(from);
}

async function accountNames(connection: Connection): Promise<string[]> {
  const [rows] = await connection.query<RowDataPacket[]>("SELECT User AS user, Host AS host FROM mysql.user");
  return rows.flatMap((row) => [`${row.user}@${row.host}`, ...(row.host === "" ? [String(row.user)] : [])]);
}
