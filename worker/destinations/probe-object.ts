import { randomBytes } from "node:crypto";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Destination } from "#worker/ports/destination.ts";
import type { ProbeWork } from "./probe-steps.ts";

/** One name for all probes: where deleting is forbidden, one small object stays, not one per probe. */
const PROBE_KEY = "salvagente-probe";

/** Write, read back and delete a small object of random bytes. */
export function probeObject(destination: Pick<Destination, "id" | "put" | "get" | "remove">): ProbeWork[] {
  const data = randomBytes(64);
  return [
    ["write", async () => void (await destination.put(PROBE_KEY, { kind: "bytes", data }, { overwrite: true }))],
    [
      "read",
      async () => {
        const chunks = await (await destination.get(PROBE_KEY)).toArray();
        if (Buffer.concat(chunks as Buffer[]).equals(data)) return undefined;
        throw new Fault("COPY_CORRUPT", { params: { destination: destination.id, key: PROBE_KEY, message: "other bytes came back than were written" } });
      },
    ],
    ["delete", async () => void (await destination.remove(PROBE_KEY))],
  ];
}
