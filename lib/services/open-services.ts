import type { Clock } from "#lib/platform/clock.ts";
import { systemClock } from "#lib/platform/clock.ts";
import type { ConsoleEnvironment } from "#lib/platform/env.ts";
import { loadConsoleKey } from "#lib/queue/console-key.ts";
import { type JobQueue, openJobQueue } from "#lib/queue/job-queue.ts";
import { type Database, openDatabase } from "#lib/store/open-database.ts";
import type { Actor, ServiceContext } from "./context.ts";

/** The console's connections; one per process. */
export interface Services {
  readonly db: Database;
  readonly queue: JobQueue;
  readonly clock: Clock;
  /** What a verb needs, in the name of a person. */
  as(actor: Actor): ServiceContext;
  close(): Promise<void>;
}

export async function openServices(environment: ConsoleEnvironment, clock: Clock = systemClock): Promise<Services> {
  const key = await loadConsoleKey(environment.SALVAGENTE_STATE_DIR);
  const db = openDatabase({ url: environment.DATABASE_URL });
  const queue = openJobQueue({ url: environment.REDIS_URL, key, clock });
  return {
    db,
    queue,
    clock,
    as: (actor) => ({ db, queue, clock, actor }),
    async close() {
      await Promise.allSettled([queue.close(), db.$disconnect()]);
    },
  };
}
