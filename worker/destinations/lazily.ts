import type { Destination } from "#worker/ports/destination.ts";

/**
 * A destination whose adapter is loaded at its first use: an adapter with a large library behind it costs every command line 0.1 s at its start, also where
 * no such destination is configured. What goes wrong on opening is told by the method that was called, and the next one tries again: an archive
 * keeps its destinations for months. close() opens nothing.
 */
export function lazily(id: string, kind: Destination["kind"], open: () => Promise<Destination>): Destination {
  let opened: Promise<Destination> | undefined;
  const adapter = (): Promise<Destination> =>
    (opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    }));
  return {
    id,
    kind,
    put: async (...given) => (await adapter()).put(...given),
    get: async (...given) => (await adapter()).get(...given),
    stat: async (key) => (await adapter()).stat(key),
    async *list(prefix) {
      yield* (await adapter()).list(prefix);
    },
    remove: async (key) => (await adapter()).remove(key),
    space: async () => (await adapter()).space(),
    sweep: async (olderThanMs) => (await adapter()).sweep(olderThanMs),
    probe: async () => (await adapter()).probe(),
    close: async () => (await opened)?.close(),
  };
}
