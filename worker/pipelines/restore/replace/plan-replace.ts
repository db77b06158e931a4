import type { PlanResult, RestoreRequest } from "#lib/contract/recovery/restore.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { planFiles } from "../instance/plan-files.ts";
import { draftReplace } from "./draft-replace.ts";

/** Dry run of replacing a stopped server's data directory, as `planFiles`. What bears `<run>` in it gets the id of the run. */
export function planReplace(host: HostRuntime, request: RestoreRequest, minutes: number): Promise<PlanResult> {
  return planFiles(host, minutes, () => draftReplace(host, request), ({ name, data: { path }, start }) => {
    const environment = host.settings.servers.find((server) => server.name === name)?.environment ?? "production";
    const commands = [`mv ${path} ${keptName(path, "<run>")}`, `mv ${incomingName(path, "<run>")} ${path}`, ...start];
    return { environment, creates: incomingName(path, "<run>"), data: incomingName(path, "<run>"), finish: { creates: [keptName(path, "<run>")], replaces: [path], commands }, typedName: name };
  });
}

/** Where the data directory that gives way is kept. */
export function keptName(path: string, runId: string): string {
  return `${path}.before-${runId}`;
}

/** Where the one that comes waits for its name. */
export function incomingName(path: string, runId: string): string {
  return `${path}.new-${runId}`;
}
