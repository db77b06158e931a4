import type { Redis } from "ioredis";
import type { Clock } from "#lib/platform/clock.ts";
import type { Logger } from "#lib/platform/log.ts";
import type { JobQueue } from "#lib/queue/job-queue.ts";
import type { Database } from "#lib/store/open-database.ts";

/** What every loop of the controller gets. */
export interface LoopSetting {
  readonly db: Database;
  readonly queue: JobQueue;
  /** For blocking reads; its commands wait while Redis is away. */
  readonly consumer: Redis;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ends the loop after the step in hand. */
  readonly signal: AbortSignal;
}
