import { openDestination } from "#worker/destinations/registry.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { type HostRuntime, requireDestination } from "./runtime.ts";
import { openSecret } from "./secrets.ts";

/** Adapters for destinations by name. Nothing is contacted yet. `signal`: ends what is done there; the caller closes them then. Fault CONFIG_UNKNOWN_NAME. */
export function openDestinations(host: HostRuntime, names: readonly string[], signal?: AbortSignal): Destination[] {
  return names.map((name) =>
    openDestination(requireDestination(host.settings, name), {
      stateFolder: host.folders.uploads,
      openSecret: (source) => openSecret(source, host.identity),
      log: host.log,
      signal,
    }),
  );
}
