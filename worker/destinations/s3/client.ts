import { readFileSync } from "node:fs";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { S3Client } from "@aws-sdk/client-s3";
import type { S3DestinationConfig } from "#lib/contract/config/destination.ts";
import type { Secret } from "#lib/platform/secret.ts";

export interface ClientOptions {
  readonly secretKey: () => Promise<Secret>;
  /** A connection on which nothing moves for so long is given up; milliseconds. */
  readonly idleMs: number;
}

/**
 * An SDK client that tries once (with-retry.ts is the only place that tries again) and adds no checksums of its own.
 * The agents are ours: with its own the SDK forgets the certificate authority on requests with `Expect: 100-continue`.
 */
export function createClient(config: S3DestinationConfig, options: ClientOptions): S3Client {
  const pool = { keepAlive: true, maxSockets: config.parallelParts + 4 };
  return new S3Client({
    region: config.region,
    ...(config.endpoint ? { endpoint: config.endpoint } : {}),
    forcePathStyle: config.forcePathStyle,
    credentials: async () => ({ accessKeyId: config.accessKeyId, secretAccessKey: (await options.secretKey()).reveal() }),
    maxAttempts: 1,
    // The SDK prints to the console that a streamed request failed; the fault says so already.
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    expectContinueHeader: false,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: {
      connectionTimeout: Math.min(10_000, options.idleMs),
      socketTimeout: options.idleMs,
      httpAgent: new HttpAgent(pool),
      httpsAgent: new HttpsAgent({ ...pool, ...(config.caFile ? { ca: readFileSync(config.caFile) } : {}) }),
    },
  });
}

function silent(): void {}
