import type { DestinationConfig } from "#lib/contract/config/destination.ts";
import type { SecretSource } from "#lib/contract/names.ts";
import type { Logger } from "#lib/platform/log.ts";
import type { Secret } from "#lib/platform/secret.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { lazily } from "./lazily.ts";
import { LocalDestination } from "./local/local.ts";
import { type RetryOptions, withRetry } from "./with-retry.ts";
import { withThrottle } from "./with-throttle.ts";

export interface DestinationDeps {
  /** Folder on the host's disk that outlives runs: records of unfinished uploads. Created 0700. */
  readonly stateFolder: string;
  readonly openSecret: (source: SecretSource) => Promise<Secret>;
  readonly log?: Logger;
  /** Other waits and counts than the usual; tests shorten them. */
  readonly retry?: RetryOptions;
  /** Ends what is done there, whether or not the operation takes a signal of its own; who aborts it closes the destination too, which ends what waits for an answer. */
  readonly signal?: AbortSignal | undefined;
}

/** The adapter for a configured destination, slowed to its bandwidth and repeating what may pass. Nothing is contacted yet. */
export function openDestination(config: DestinationConfig, deps: DestinationDeps): Destination {
  const adapter = openAdapter(config, deps);
  const throttled = config.bandwidthBytesPerSecond ? withThrottle(adapter, config.bandwidthBytesPerSecond) : adapter;
  return withRetry(throttled, {
    onRetry: (fault, attempt, waitMs) => deps.log?.warn({ destination: config.name, fault: fault.code, attempt, waitMs }, fault.message),
    signal: deps.signal,
    ...deps.retry,
  });
}

function openAdapter(config: DestinationConfig, deps: DestinationDeps): Destination {
  switch (config.kind) {
    case "local":
      return new LocalDestination(config);
    case "s3":
      return lazily(config.name, "s3", async () => {
        const { S3Destination } = await import("./s3/s3.ts");
        return new S3Destination(config, { stateFolder: deps.stateFolder, secretKey: () => deps.openSecret(config.secretKey) });
      });
  }
}
