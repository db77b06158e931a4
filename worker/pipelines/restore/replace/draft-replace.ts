import { existsSync, readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { DataDirectory } from "#lib/contract/config/worker.ts";
import type { Manifest } from "#lib/contract/manifest/manifest.ts";
import type { RestoreRequest } from "#lib/contract/recovery/restore.ts";
import { Fault, type FaultRecord, faultRecord } from "#lib/domain/fault/fault.ts";
import { actsByItself, type FilesDemand, type ServerSettings, settingsInTheWay } from "#lib/domain/recovery/server-settings.ts";
import { ownSettings } from "#worker/engines/data-folder/own-settings.ts";
import { type DataFolder, requireFitFolder } from "#worker/engines/data-folder/require-fit.ts";
import { locate } from "#worker/exec/launch.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { AnyCopy } from "#worker/pipelines/catalog/any-copy.ts";
import { physicalOf } from "#worker/pipelines/catalog/unpack-set.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import { draftFiles, type FilesDraft, type Site } from "../instance/draft-files.ts";
import { requireNoneBegun } from "./replacement-record.ts";
import { requireStopped } from "./require-stopped.ts";

/** What replacing a data directory is about. */
interface Replaced {
  readonly directory: DataDirectory & { readonly unit: string };
  /** The one that gives way. */
  readonly data: DataFolder;
  /** Commands that start the server afterwards, for a person. */
  readonly start: readonly string[];
}

/** All that replacing the data directory of a stopped server by one made of a physical set will do. */
export interface ReplaceDraft extends FilesDraft, Replaced {}

/** As {@link draftFiles}, for the data directory of a stopped server. Faults besides: DATADIR_*, TARGET_NOT_ALLOWED, REPLACEMENT_UNFINISHED. */
export async function draftReplace(host: HostRuntime, request: RestoreRequest, copies?: AnyCopy): Promise<ReplaceDraft> {
  const { server } = request.target;
  const directory = host.config.dataDirectories?.[server];
  if (!directory) throw new Fault("DATADIR_UNSET", { params: { server } });
  if (host.settings.servers.some(({ name, restoreTarget }) => name === server && !restoreTarget)) throw new Fault("TARGET_NOT_ALLOWED", { params: { server } });
  requireNoneBegun(host.folders, server);
  return draftFiles(host, request, (manifest, tools) => lookAt(host, { server, directory, manifest, tools }), copies);
}

async function lookAt(host: HostRuntime, { server, directory: named, manifest, tools }: { readonly server: string; readonly directory: DataDirectory; readonly manifest: Manifest; readonly tools: ClientTools }): Promise<Site<Replaced>> {
  const directory = { ...named, unit: named.unit ?? manifest.server.flavor };
  const data = await requireFitFolder(directory.folder);
  await requireStopped(host, server, directory, data.path);
  const settings = await requireSettings(directory, data, { program: locate(tools.mysqld ?? "mysqld"), demand: { ...physicalOf(manifest), lowerCaseTableNames: manifest.server.lowerCaseTableNames } });
  const { uid, gid } = data.account;
  const start = startCommands(directory.unit, data.path);
  return {
    place: dirname(data.path),
    bound: { folder: data.path, inode: data.inode, mode: data.mode, uid, gid, replaced: [data.path], start },
    warnings: [faultRecord(new Fault("REPLACEMENT_NEW_IDENTITY", { params: { server } })), ...actsWarning(server, directory, settings)],
    found: { directory, data, start },
  };
}

/** The server's own option file must fit the files, and name no other data directory. Faults DATADIR_CONFIG, DATADIR_SETTING, DATADIR_ELSEWHERE. */
async function requireSettings({ config, folder }: DataDirectory, { path, account }: DataFolder, { program, demand }: { readonly program: string; readonly demand: FilesDemand }): Promise<ServerSettings> {
  const { settings, dataFolder, standIn } = await ownSettings(program, config, account);
  if (dataFolder !== null && ![folder, path].includes(dataFolder.replace(/(?<=.)\/$/, ""))) throw new Fault("DATADIR_SETTING", { params: { file: config, option: "datadir", value: dataFolder, needed: folder } });
  // The configured path may lead there by a link, and the file name it in either way.
  const [first] = settingsInTheWay(settings, demand, { folders: [folder, path], standIn }).filter(({ option, found }) => !option.startsWith("log-bin") || logsLeft(found));
  if (!first) return settings;
  const { kind, option, found, expected } = first;
  if (kind === "elsewhere") throw new Fault("DATADIR_ELSEWHERE", { params: { file: config, option, path: found } });
  throw new Fault("DATADIR_SETTING", { params: { file: config, option, value: found, needed: expected } });
}

/** Do binary logs, or their index, still stand under this path without its number? A server that finds none begins its own there. */
function logsLeft(base: string): boolean {
  try {
    return readdirSync(dirname(base)).some((name) => name === basename(base) || name.startsWith(`${basename(base)}.`));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ENOENT";
  }
}

function actsWarning(server: string, { config }: DataDirectory, settings: ServerSettings): FaultRecord[] {
  const { events, replication } = actsByItself(settings);
  if (!events && !replication) return [];
  const what = events && replication ? "it runs events and follows its source" : events ? "it runs events" : "it follows its source";
  return [faultRecord(new Fault("REPLACEMENT_ACTS", { params: { server, what, file: config } }))];
}

function startCommands(unit: string, path: string): string[] {
  // Files keep the label of the folder that they were made in (SELinux).
  const relabel = existsSync("/sys/fs/selinux/enforce") ? [`restorecon -R '${path.replaceAll("'", "'\\''")}'`] : [];
  return [...relabel, `systemctl start ${unit}`];
}
