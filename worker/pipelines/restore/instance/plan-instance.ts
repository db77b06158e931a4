import type { PlanResult, RestoreRequest } from "#lib/contract/recovery/restore.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { draftInstance } from "./draft-instance.ts";
import { instancePaths } from "./instance-files.ts";
import { planFiles } from "./plan-files.ts";

/** Dry run of making a new server of a physical set, as {@link planFiles}. */
export function planInstance(host: HostRuntime, request: RestoreRequest, minutes: number): Promise<PlanResult> {
  return planFiles(host, minutes, () => draftInstance(host, request), ({ folder, name, port }) => {
    const { config, unit, data } = instancePaths(folder, name);
    return { environment: "new", creates: folder, data, finish: { creates: [config, unit, `server at port ${port}`], commands: [`systemctl enable --now ${unit}`] }, typedName: null };
  });
}
