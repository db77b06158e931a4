import { type Clock, systemClock } from "#lib/platform/clock.ts";
import type { Logger } from "#lib/platform/log.ts";
import { readDesiredState, settingsInForce } from "./host/desired-state.ts";
import { findTools } from "./host/find-tools.ts";
import { loadIdentity } from "./host/identity.ts";
import { loadConfig } from "./host/load-config.ts";
import { type HostRuntime, prepareFolders } from "./host/runtime.ts";

/** Puts a host together from its worker.yaml: folders, keys, programs, settings in force. `settings` is read anew at every access. */
export async function composeHost(configPath: string, log: Logger, clock: Clock = systemClock): Promise<HostRuntime> {
  process.umask(0o077);
  const config = loadConfig(configPath);
  const folders = prepareFolders(config);
  const tools = findTools(config);
  const identity = await loadIdentity(config.stateDir);
  return {
    config,
    folders,
    tools,
    identity,
    clock,
    log,
    get settings() {
      return settingsInForce(config, readDesiredState(config.stateDir));
    },
  };
}
