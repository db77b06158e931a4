import { join } from "node:path";
import type { Connection } from "mysql2/promise";
import { artifactPart } from "#lib/domain/backup/artifact-names.ts";
import { quoteName } from "#lib/domain/backup/sql-name.ts";
import { asFault, Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { besideNames } from "#lib/domain/recovery/schema-names.ts";
import { stamp } from "#lib/platform/ids.ts";
import { collectInventory } from "#worker/engines/inventory/collect-inventory.ts";
import type { LoadableArtifact } from "#worker/engines/load/load-artifact.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { backupFull } from "#worker/pipelines/backup/index.ts";
import type { AnyCopy } from "#worker/pipelines/catalog/any-copy.ts";
import { ownFirst } from "#worker/pipelines/catalog/fetch-artifact.ts";
import { loadableArtifacts } from "#worker/pipelines/catalog/loadable-artifacts.ts";
import { readSetAnywhere } from "#worker/pipelines/catalog/read-set.ts";
import { requireChecks, schemasWithTables } from "#worker/pipelines/verify/own-checks.ts";
import type { Draft } from "./draft.ts";
import { dropPrograms, dropTriggers, type Exchange, exchangeBack, exchangeTables, recreateTriggers, type SavedTrigger, saveTriggers, whileUnheld } from "./exchange.ts";
import { CreatedSchemas, loadInto } from "./load-stage.ts";
import { crossingKeys } from "./target-state.ts";
import { verifyRestored } from "./verify-stage.ts";

const PROGRAM_PARTS = new Set(["routines", "viewstubs", "views", "viewchecks", "triggers", "events"]);

/** Names of the staging schemas of an in-place restore, by the schema they replace. */
export function stagingNames(draft: Draft, now: number): Record<string, string> {
  return besideNames(draft.schemas.map(({ name }) => name), "new", stamp(now));
}

/** Those artifacts that go into staging: tables and rows; programs are loaded after the exchange, under the final names. */
export function stagedArtifacts(artifacts: readonly LoadableArtifact[]): LoadableArtifact[] {
  return artifacts.filter(({ name }) => artifactPart(name) === "tables" || artifactPart(name) === "data");
}

/**
 * A full backup of what will be replaced, by the policy that backs up this server, under the id of this run. Fault SAFETY_COPY_FAILED: nothing was changed.
 */
export async function safetyCopy(context: RunContext, host: HostRuntime, draft: Draft): Promise<string | null> {
  const schemas = draft.target.replaced.schemas.map(({ name }) => name);
  if (schemas.length === 0) return null;
  const server = draft.request.target.server;
  const policy = host.settings.policies.find((candidate) => candidate.server === server);
  if (!policy) throw new Fault("SAFETY_COPY_FAILED", { params: { message: `no policy backs up ${server}, so there is no place for a safety copy` } });
  // Chosen schemas, so SQL, whatever the policy takes of the whole server.
  const narrowed = { ...policy, method: "dump" as const, alsoDump: false, schemas, fingerprints: "never" as const, restoreTest: false };
  const overlaid: HostRuntime = Object.create(host, { settings: { value: { ...host.settings, policies: [narrowed] } } }) as HostRuntime;
  try {
    const { manifest } = await backupFull({ ...context, stage: (_name, work) => work() }, overlaid, policy.name);
    context.log("info", `safety copy ${manifest.id}: ${schemas.join(", ")}`);
    return manifest.id;
  } catch (error) {
    if (context.signal.aborted) throw new Fault("CANCELLED");
    const fault = asFault(error);
    throw new Fault("SAFETY_COPY_FAILED", { params: { message: fault.message }, cause: error, ...(fault.detail ? { detail: fault.detail } : {}) });
  }
}

export interface InPlace {
  readonly draft: Draft;
  readonly artifacts: readonly LoadableArtifact[];
  readonly staging: Readonly<Record<string, string>>;
  readonly created: CreatedSchemas;
  readonly safetySet: string | null;
  readonly copies: AnyCopy;
  /** Of the run. */
  readonly folder: string;
}

/**
 * Exchanges the verified staging tables for the live ones, then brings views, routines, triggers and events, verifies all and runs the own checks. The old tables stay under
 * `<schema>_pre_<stamp>`. A failure before the end puts everything back as it was. Returns the kept schemas.
 */
export async function takeOver(context: RunContext, host: HostRuntime, job: InPlace, connection: Connection): Promise<string[]> {
  const { draft, staging } = job;
  const wholeSchemas = draft.tables === null;
  const now = await collectInventory(connection, { schemas: draft.schemas.map(({ name }) => name), flavor: draft.target.server.flavor, accounts: false });
  const kept = new CreatedSchemas();
  const made = new CreatedSchemas();
  const exchanges: Exchange[] = [];
  const triggers: SavedTrigger[] = [];
  const keptNames = besideNames(draft.schemas.map(({ name }) => name), "pre", stamp(context.clock.now()));
  let begun = false;
  let exchanged = false;
  try {
    for (const schema of draft.schemas) {
      const live = now.schemas.find(({ name }) => name === schema.name);
      const keptName = keptNames[schema.name] ?? "";
      const restored = wholeSchemas ? [...schema.tables, ...schema.sequences].map(({ name }) => name) : [...(draft.tables ?? [])];
      const present = live ? [...live.tables, ...live.sequences].map(({ name }) => name) : [];
      const outgoing = wholeSchemas ? present : present.filter((name) => restored.includes(name));
      if (!live) await made.create(connection, schema.name, schema);
      else if (outgoing.length > 0) await kept.create(connection, keptName, live);
      exchanges.push({ live: schema.name, staging: staging[schema.name] ?? "", kept: keptName, incoming: restored, outgoing });
      if (!wholeSchemas) triggers.push(...(await saveTriggers(connection, schema.name, restored)));
    }
    context.log("info", `tables change places: ${exchanges.map(({ live, staging: from, kept: to }) => `${from} → ${live} → ${to}`).join(", ")}; safety copy ${job.safetySet ?? "none"}`);
    const change = async (): Promise<void> => {
      if (wholeSchemas) for (const schema of now.schemas) await dropPrograms(connection, schema);
      else await dropTriggers(connection, triggers);
      await exchangeTables(connection, exchanges);
      exchanged = true;
    };
    await whileUnheld(connection, draft.access, exchanges, change, () => {
      begun = true;
    });
    if (wholeSchemas) {
      for (const schema of draft.schemas) await connection.query(`ALTER DATABASE ${quoteName(schema.name)} CHARACTER SET ${schema.characterSet} COLLATE ${schema.collation}`);
      const programs = job.artifacts.filter(({ name }) => PROGRAM_PARTS.has(artifactPart(name) ?? ""));
      await loadInto(context, host, { draft, artifacts: programs, into: draft.names }, connection);
      await verifyRestored(context, draft, draft.names, "all");
    } else {
      await recreateTriggers(connection, triggers);
      await tellCrossingKeys(context, draft, connection);
    }
    await requireChecks(context, draft.access, { checks: draft.checks, schemas: schemasWithTables(draft), fault: "OWN_CHECK_FAILED" });
    return [...kept.names];
  } catch (error) {
    const refused = refusalOf(error);
    if (begun) context.log("error", `the exchange is taken back: ${asFault(refused).message}`);
    try {
      if (begun) await takeBack(host, job, connection, { wholeSchemas, exchanges, exchanged, triggers, now: now.schemas.map(({ name, characterSet, collation }) => ({ name, characterSet, collation })) });
    } finally {
      await kept.dropEmpty(connection);
      await made.dropEmpty(connection);
    }
    throw refused;
  }
}

/** What the server says against the exchange (a trigger of today that does not fit the tables of then) is about the data, and no state that nobody foresaw. */
function refusalOf(error: unknown): unknown {
  const { errno, message } = error as { errno?: number; message?: string };
  // Below: of the operating system, when the connection is gone.
  return error instanceof Fault || errno === undefined || errno < 1000 ? error : new Fault("IN_PLACE_REFUSED", { params: { message: `ERROR ${errno}: ${message}` }, cause: error });
}

/** Tables that were gone had no keys that would have stopped the plan; now that they are back, they do. */
async function tellCrossingKeys(context: RunContext, draft: Draft, connection: Connection): Promise<void> {
  const own = draft.schemas.flatMap(({ name }) => (draft.tables ?? []).map((table) => `${name}.${table}.`));
  const keys = (await crossingKeys(connection, draft.schemas.map(({ name }) => name), draft.tables)).filter((key) => own.some((table) => key.startsWith(table)));
  if (keys.length > 0) context.finding("warning", faultRecord(new Fault("RESTORED_KEYS_UNCHECKED", { params: { keys: keys.slice(0, 10).join(", ") } })));
}

interface Before {
  readonly wholeSchemas: boolean;
  readonly exchanges: readonly Exchange[];
  readonly exchanged: boolean;
  readonly triggers: readonly SavedTrigger[];
  readonly now: readonly { name: string; characterSet: string; collation: string }[];
}

/** Old tables live again, old programs out of the safety copy. A cancelled run does this too, so its signal does not count here. */
async function takeBack(host: HostRuntime, job: InPlace, connection: Connection, before: Before): Promise<void> {
  const { draft } = job;
  const flavor = draft.target.server.flavor;
  if (!before.wholeSchemas) {
    await dropTriggers(connection, before.triggers);
    if (before.exchanged) await exchangeBack(connection, before.exchanges);
    await recreateTriggers(connection, before.triggers);
    return;
  }
  const inventory = await collectInventory(connection, { schemas: draft.schemas.map(({ name }) => name), flavor, accounts: false });
  for (const schema of inventory.schemas) await dropPrograms(connection, schema);
  if (before.exchanged) await exchangeBack(connection, before.exchanges);
  for (const { name, characterSet, collation } of before.now) await connection.query(`ALTER DATABASE ${quoteName(name)} CHARACTER SET ${characterSet} COLLATE ${collation}`);
  if (job.safetySet === null) return;
  const set = await readSetAnywhere(host, draft.destinations, draft.request.target.server, job.safetySet);
  const signal = new AbortController().signal;
  const fetching = { copies: job.copies, destinations: ownFirst(set, draft.destinations), folder: join(job.folder, "safety") };
  const artifacts = (await loadableArtifacts(host, set, signal, fetching)).filter(({ name }) => PROGRAM_PARTS.has(artifactPart(name) ?? ""));
  const quiet = { signal, log: () => undefined, progress: () => undefined } as unknown as RunContext;
  await loadInto(quiet, host, { draft: { ...draft, set, leftOut: [] }, artifacts, into: {} }, connection);
}
