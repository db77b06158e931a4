import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { DesiredState } from "#lib/contract/config/desired-state.ts";
import type { PolicyConfig } from "#lib/contract/config/policy.ts";
import type { ServerConfig } from "#lib/contract/config/server.ts";
import type { WorkerConfig } from "#lib/contract/config/worker.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Clock } from "#lib/platform/clock.ts";
import type { Logger } from "#lib/platform/log.ts";
import type { Tools } from "#worker/ports/tools.ts";
import type { HostIdentity } from "./identity.ts";

/** Settings in force: those of worker.yaml with what the console sent laid over them, by name. */
export type HostSettings = Pick<DesiredState, "servers" | "destinations" | "policies" | "schedules" | "keys">;

/** All that a pipeline on this host stands on. */
export interface HostRuntime {
  readonly config: WorkerConfig;
  readonly settings: HostSettings;
  readonly identity: HostIdentity;
  readonly tools: Tools;
  readonly clock: Clock;
  readonly log: Logger;
  readonly folders: HostFolders;
}

export interface HostFolders {
  readonly state: string;
  readonly journals: string;
  readonly spool: string;
  readonly sandbox: string;
  readonly temp: string;
  readonly uploads: string;
  readonly templates: string;
  readonly locks: string;
  /** Raw binary logs, a folder for each server. */
  readonly archive: string;
  /** New servers made of physical sets; null where none may be made. A half-made one lies there under a name of its own. */
  readonly instances: string | null;
  /** Beside data directories that may be replaced: what is to take their place is made there. */
  readonly besideData: readonly string[];
}

/** Makes the host's folders, 0700. Fault CONFIG_INVALID where that cannot be. */
export function prepareFolders(config: WorkerConfig): HostFolders {
  const folders = {
    state: config.stateDir,
    journals: join(config.stateDir, "runs"),
    spool: config.spoolDir,
    sandbox: config.sandboxDir,
    temp: join(config.stateDir, "temp"),
    uploads: join(config.stateDir, "uploads"),
    templates: join(config.stateDir, "templates"),
    locks: join(config.stateDir, "locks"),
    archive: config.archiveDir ?? join(config.stateDir, "archive"),
  };
  for (const folder of Object.values(folders)) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw new Fault("CONFIG_INVALID", { params: { file: "worker.yaml", message: `folder ${folder} cannot be made` }, cause });
    }
  }
  const besideData = Object.values(config.dataDirectories ?? {}).map(({ folder }) => siteBeside(existsSync(folder) ? realpathSync(folder) : folder));
  return { ...folders, instances: config.instancesDir ?? null, besideData };
}

/** Folder in which a replacement of a data directory is made: on the same file system, and nobody else's. @param path without symbolic links */
export function siteBeside(path: string): string {
  return `${path}.salvagente`;
}

export function requireServer(settings: HostSettings, name: string): ServerConfig {
  return settings.servers.find((server) => server.name === name) ?? unknown("server", name, settings.servers);
}

export function requirePolicy(settings: HostSettings, name: string): PolicyConfig {
  return settings.policies.find((policy) => policy.name === name) ?? unknown("policy", name, settings.policies);
}

export function requireDestination(settings: HostSettings, name: string): HostSettings["destinations"][number] {
  return settings.destinations.find((destination) => destination.name === name) ?? unknown("destination", name, settings.destinations);
}

export function requireKey(settings: HostSettings, name: string): HostSettings["keys"][number] {
  return settings.keys.find((key) => key.name === name) ?? unknown("key", name, settings.keys);
}

function unknown(kind: string, name: string, known: readonly { name: string }[]): never {
  throw new Fault("CONFIG_UNKNOWN_NAME", { params: { kind, name, known: known.map((item) => item.name).join(", ") || "—" } });
}

/** Schema of the heartbeats that this host writes to archived servers; null: none. */
export function heartbeatSchema({ config }: Pick<HostRuntime, "config">): string | null {
  return config.heartbeat === false ? null : config.heartbeat.schema;
}
