import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ReplayBoundary } from "#lib/contract/recovery/instant.ts";
import type { Manifest } from "#lib/contract/manifest/manifest.ts";
import { partsOf } from "#lib/contract/manifest/parts.ts";
import { policyConfig } from "#lib/contract/config/policy.ts";
import { serverConfig } from "#lib/contract/config/server.ts";
import { isPhysical } from "#lib/domain/backup/methods.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { newId } from "#lib/platform/ids.ts";
import { userSchemas } from "#worker/engines/inventory/user-schemas.ts";
import { loadSet } from "#worker/engines/load/load-set.ts";
import { type Sandbox, startSandbox } from "#worker/engines/sandbox/sandbox.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { hostKeyring, usableRecipients } from "#worker/host/recipients.ts";
import { requireRoom } from "#worker/host/require-room.ts";
import { noteRate } from "#worker/host/road-rates.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { backupFull } from "#worker/pipelines/backup/index.ts";
import type { Fetching } from "#worker/pipelines/catalog/fetch-artifact.ts";
import { loadOtherRows } from "#worker/pipelines/catalog/load-other-rows.ts";
import { loadableArtifacts } from "#worker/pipelines/catalog/loadable-artifacts.ts";
import type { StoredSet } from "#worker/pipelines/catalog/read-set.ts";
import { physicalOf, unpackSet } from "#worker/pipelines/catalog/unpack-set.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import { fetchBoundFiles, replayOnto, replaySettings } from "./replay-onto.ts";

/** Name of the destination that only one run knows. */
export const INSTANT_DESTINATION = "instant";
const LOADERS = 3;

export interface ReplayJob {
  readonly set: StoredSet;
  /** Absent: the set as it is; for data files, out of which SQL is to come. */
  readonly boundary?: ReplayBoundary | undefined;
  /** The folder is of this run, and removed by who made it. */
  readonly from: Fetching;
}

/**
 * Makes the chosen instant a set of its own, in a destination that only this run knows: the full (loaded, or its data files unpacked) and the archived
 * files after it are brought into an isolated server, replayed to the boundary, checked, and dumped again. Restoring then goes on as from any set, with an inventory of that instant to compare with.
 * Gives the host with that destination, and the set's id. Accounts are not among it.
 */
export async function replayedSet(context: RunContext, host: HostRuntime, job: ReplayJob): Promise<{ host: HostRuntime; setId: string }> {
  const { set, boundary, from } = job;
  const { manifest } = set.signed;
  const { flavor } = manifest.server;
  const tools = host.tools.clients[flavor];
  if (!tools?.mysqld) throw new Fault("TOOL_MISSING", { params: { tool: flavor === "mysql" ? "mysqld" : "mariadbd" } });
  const files = boundary ? await fetchBoundFiles(context, host, { server: manifest.server.name, boundary, from }) : [];
  await mkdir(from.folder, { recursive: true, mode: 0o700 });
  const sandbox = await startSandbox({
    tools, flavor, folder: host.folders.sandbox, user: host.config.sandboxUser, source: manifest.server, signal: context.signal, purpose: `instant of ${manifest.id}`,
    dataBytes: dataBytes(manifest), log: (level, text) => context.log(level, text),
    ...(boundary ? { replay: replaySettings(manifest) } : {}),
    ...(isPhysical(manifest) ? { filled: { ...physicalOf(manifest), fill: (data, account) => unpackSet(context, host, set, { data, account, stage: "prepare", from }) } } : {}),
  });
  try {
    if (isPhysical(manifest)) await loadOtherRows(context, host, set, { access: sandbox.access, stage: "prepare", fetching: from });
    else await load(context, host, job, { sandbox, tools });
    if (boundary) {
      const report = await replayOnto(context, host, { sandbox, tools, manifest, boundary, files, stage: "prepare" });
      if (report.undecidedXa > 0) context.log("warn", `${report.undecidedXa} XA transactions were prepared and not decided at this instant: they are left out`);
    }
    return await dumped(context, host, job, sandbox);
  } finally {
    await sandbox.destroy();
  }
}

/** Bytes that the isolated server's data will take, about. */
function dataBytes({ physical, inventory }: Manifest): number {
  return physical?.bytes ?? inventory.schemas.reduce((sum, schema) => sum + schema.tables.reduce((n, table) => n + table.dataBytes, 0), 0);
}

async function load(context: RunContext, host: HostRuntime, { set, from }: ReplayJob, { sandbox, tools }: { readonly sandbox: Sandbox; readonly tools: ClientTools }): Promise<void> {
  const { manifest } = set.signed;
  const sealed = partsOf(manifest).map(({ artifact }) => artifact.sealed.bytes).sort((one, other) => other - one);
  await requireRoom(from.folder, sealed.slice(0, LOADERS).reduce((sum, bytes) => sum + bytes, 0));
  const began = performance.now();
  const artifacts = await loadableArtifacts(host, set, context.signal, { ...from, folder: join(from.folder, "base") });
  await loadSet({
    target: { access: sandbox.access, flavor: manifest.server.flavor, tools, signal: context.signal, skipBinlog: true },
    artifacts,
    mode: "throw-away",
    workers: LOADERS,
    tableSize: (schema, table) => manifest.inventory.schemas.find(({ name }) => name === schema)?.tables.find(({ name }) => name === table) ?? null,
    onProgress: ({ bytesDone, bytesTotal, item }) => context.progress({ stage: "prepare", bytesDone, bytesTotal, item }),
  });
  noteRate(host, "load", artifacts.reduce((sum, { bytes }) => sum + bytes, 0), (performance.now() - began) / 1000);
}

/** A backup of the isolated server under the source's name, sealed to the keys of this host, with its locks and spool apart from real backups. */
async function dumped(context: RunContext, host: HostRuntime, { set, from: { folder } }: ReplayJob, sandbox: Sandbox): Promise<{ host: HostRuntime; setId: string }> {
  const { manifest } = set.signed;
  const { name } = manifest.server;
  const password = join(folder, "password");
  await writeFile(password, sandbox.access.password.reveal(), { mode: 0o600 });
  const destination = { kind: "local" as const, name: INSTANT_DESTINATION, root: join(folder, "set"), requireMount: false };
  const [spool, locks] = [join(folder, "spool"), join(folder, "locks")];
  for (const path of [destination.root, spool, locks]) await mkdir(path, { recursive: true, mode: 0o700 });
  const connection = await connect(sandbox.access);
  const schemas = (await userSchemas(connection, null).finally(() => connection.destroy())).map((schema) => schema.name);
  const policy = policyConfig.parse({ name: INSTANT_DESTINATION, server: name, schemas, fingerprints: "never", destinations: [INSTANT_DESTINATION], recipients: await ownKeys(context, host), restoreTest: false });
  const server = serverConfig.parse({ name, socket: sandbox.access.socket, user: sandbox.access.user, password: { file: password }, criticalTables: [] });
  const folders = { ...host.folders, spool, locks };
  const inside = overlaid(host, { settings: { ...host.settings, servers: [server], destinations: [destination], policies: [policy] }, folders });
  // What this run says of the inner set is nobody's business: it is gone with the run.
  const quiet: RunContext = { ...context, runId: newId(context.clock.now()), stage: (_name, work) => work(), finding: () => undefined, emit: () => undefined, progress: (progress) => context.progress({ ...progress, stage: "prepare" }) };
  const began = performance.now();
  const { manifest: made } = await backupFull(quiet, inside, policy.name);
  noteRate(host, "dump", made.artifacts.reduce((sum, { plain }) => sum + plain.bytes, 0), (performance.now() - began) / 1000);
  return { setId: made.id, host: overlaid(host, { settings: { ...host.settings, destinations: [...host.settings.destinations, destination] } }) };
}

/** Public keys of the settings whose private half is here. */
async function ownKeys(context: RunContext, host: HostRuntime): Promise<string[]> {
  const keyring = await hostKeyring(host);
  for (const { name } of host.settings.keys) {
    const [key] = await usableRecipients(context, host, [name]).catch(() => []);
    if (key && (await keyring.hasSecret([key.fingerprint])).size > 0) return [name];
  }
  throw new Fault("KEY_MISSING", { params: { recipients: host.settings.keys.map(({ name }) => name).join(", ") } });
}

function overlaid(host: HostRuntime, change: Partial<HostRuntime>): HostRuntime {
  return Object.create(host, Object.fromEntries(Object.entries(change).map(([key, value]) => [key, { value, enumerable: true }]))) as HostRuntime;
}
