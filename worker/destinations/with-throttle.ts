import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Destination } from "#worker/ports/destination.ts";
import { CHUNK, paced } from "./body.ts";
import { cancelled } from "./cancelled.ts";

/**
 * Keeps everything sent to and read from a destination under a bandwidth, in bytes per second, over all its operations together.
 * Reading is slowed by not asking for more, so the first moments may run ahead by what connections buffer.
 */
export function withThrottle(destination: Destination, bytesPerSecond: number): Destination {
  let free = 0;
  const pace = async (bytes: number, signal?: AbortSignal): Promise<void> => {
    const now = performance.now();
    const start = Math.max(now, free);
    const cost = (bytes / bytesPerSecond) * 1000;
    free = start + cost;
    // Timers are no finer than 1 ms; what is slept too little is made up for by the next piece.
    if (start - now < 1) return;
    await sleep(start - now, undefined, signal ? { signal } : {}).catch((error: unknown) => {
      // They never left: nobody after this waits for them.
      free -= cost;
      throw signal?.aborted ? cancelled(signal) : error;
    });
  };
  return {
    id: destination.id,
    kind: destination.kind,
    put: (key, body, options) => destination.put(key, body, { ...options, pace }),
    get: async (key, options) => {
      const source = await destination.get(key, options);
      return Readable.from(paced(source, { pace, ...(options?.signal ? { signal: options.signal } : {}) }), { objectMode: false, highWaterMark: CHUNK });
    },
    stat: (key) => destination.stat(key),
    list: (prefix) => destination.list(prefix),
    remove: (key) => destination.remove(key),
    space: () => destination.space(),
    sweep: (olderThanMs) => destination.sweep(olderThanMs),
    probe: () => destination.probe(),
    close: () => destination.close(),
  };
}
