import type { Destination, ProbeStep } from "#worker/ports/destination.ts";
import { probeObject } from "../probe-object.ts";
import { probeSteps } from "../probe-steps.ts";
import { localFault } from "./local-faults.ts";

/** folder, space, write, read, delete. */
export function probeLocal(destination: Destination, root: () => Promise<string>): Promise<ProbeStep[]> {
  return probeSteps([
    ["folder", () => root().catch((error: unknown) => Promise.reject(localFault(destination.id, error)))],
    [
      "space",
      async () => {
        const space = await destination.space();
        return space ? `${space.freeBytes} of ${space.totalBytes} bytes free` : undefined;
      },
    ],
    ...probeObject(destination),
  ]);
}
