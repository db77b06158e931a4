import type { HeartbeatReadBack } from "#lib/contract/archive/window.ts";
import { asFault } from "#lib/domain/fault/fault.ts";
import { type HostRuntime, heartbeatSchema } from "#worker/host/runtime.ts";
import type { Destination } from "#worker/ports/destination.ts";
import type { ArchivedSegment } from "./archived-segments.ts";
import { readBackHeartbeat } from "./read-back-heartbeat.ts";

/** What was brought to a destination is read there again this often, and given up after so long, ms. */
const EVERY_MS = 60_000;
const PATIENCE_MS = 50_000;

/** By destination, the newest heartbeat of a server that was read back there. */
export class ReadBacks {
  readonly #host: HostRuntime;
  readonly #known = new Map<string, { readonly at: number; readonly found: HeartbeatReadBack | null }>();

  constructor(host: HostRuntime) {
    this.#host = host;
  }

  /** By the names of the destinations: whichever answered first, they stand in one order. */
  all(): HeartbeatReadBack[] {
    return [...this.#known].sort(([one], [other]) => (one < other ? -1 : 1)).flatMap(([, { found }]) => found ?? []);
  }

  /**
   * Reads back what is due, once a minute and destination: what is fetched is one piece of the open file. Never fails: a copy that cannot be read keeps what was read of
   * it before, with its time. `segments`: what all destinations hold together.
   */
  async refresh(destinations: readonly Destination[], segments: readonly ArchivedSegment[], signal: AbortSignal): Promise<void> {
    const schema = heartbeatSchema(this.#host);
    for (const id of this.#known.keys()) if (schema === null || !destinations.some((destination) => destination.id === id)) this.#known.delete(id);
    if (schema === null) return;
    await Promise.all(
      destinations.map(async (destination) => {
        const before = this.#known.get(destination.id);
        const at = this.#host.clock.now();
        if (before && at - before.at < EVERY_MS) return;
        const found = await readBackHeartbeat(this.#host, destination, heldBy(destination, segments), schema, AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])).catch((error: unknown) => {
          this.#host.log.warn({ destination: destination.id, fault: asFault(error).code }, "heartbeat not read back");
          return null;
        });
        // Until the first one is there, nobody has to wait a minute for it.
        if (found || before) this.#known.set(destination.id, { at, found: found ?? before?.found ?? null });
      }),
    );
  }
}

/** Files of which the destination has every byte. */
function heldBy({ id }: Destination, segments: readonly ArchivedSegment[]): ArchivedSegment[] {
  const has = (object: Pick<ArchivedSegment, "destinations">): boolean => object.destinations.some((destination) => destination.id === id);
  return segments.filter((segment) => [segment, ...segment.pieces].every(has));
}
