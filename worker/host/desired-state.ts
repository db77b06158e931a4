import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DesiredState, desiredState } from "#lib/contract/config/desired-state.ts";
import type { WorkerConfig } from "#lib/contract/config/worker.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { replaceFile } from "./replace-file.ts";
import type { HostSettings } from "./runtime.ts";

/** What the console decided last, as kept on this host's disk; revision 0 and empty before that. Fault CONFIG_INVALID when the file is damaged. */
export function readDesiredState(stateDir: string): DesiredState {
  let text: string;
  try {
    text = readFileSync(statePath(stateDir), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return desiredState.parse({});
    throw error;
  }
  const parsed = desiredState.safeParse(jsonOrNull(text));
  if (!parsed.success) throw new Fault("CONFIG_INVALID", { params: { file: statePath(stateDir), message: parsed.error.issues[0]?.message ?? "" } });
  return parsed.data;
}

/** Keeps a newer state durably; an older or equal revision changes nothing. Gives the revision in force. */
export function keepDesiredState(stateDir: string, state: DesiredState): number {
  const held = readDesiredState(stateDir);
  if (state.revision <= held.revision) return held.revision;
  replaceFile(statePath(stateDir), JSON.stringify(state));
  return state.revision;
}

/** worker.yaml and the console's state as one: by name, the console's entry wins. */
export function settingsInForce(config: WorkerConfig, state: DesiredState): HostSettings {
  const merge = <T extends { name: string }>(own: readonly T[], sent: readonly T[]): T[] => {
    const names = new Set(sent.map((item) => item.name));
    return [...own.filter((item) => !names.has(item.name)), ...sent];
  };
  return {
    servers: merge(config.servers, state.servers),
    destinations: merge(config.destinations, state.destinations),
    policies: merge(config.policies, state.policies),
    schedules: merge(config.schedules, state.schedules),
    keys: merge(config.keys, state.keys),
  };
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function statePath(stateDir: string): string {
  return join(stateDir, "desired-state.json");
}
