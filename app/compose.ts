import { type ConsoleEnvironment, readConsoleEnvironment } from "#lib/platform/env.ts";
import { type Clock, systemClock } from "#lib/platform/clock.ts";
import { createLog, type Logger } from "#lib/platform/log.ts";
import { loadConsoleKey } from "#lib/queue/console-key.ts";
import { type JobQueue, openJobQueue } from "#lib/queue/job-queue.ts";
import { type Database, openDatabase } from "#lib/store/open-database.ts";
import { loadSessionSecret } from "./session-secret.ts";

/** Everything the console's process holds open, once. */
export interface Composition {
  readonly env: ConsoleEnvironment;
  readonly db: Database;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly log: Logger;
  /** Encrypts the session cookies. */
  readonly sessionSecret: string;
}

const SLOT = Symbol.for("salvagente.composition");
const holder = globalThis as { [SLOT]?: Promise<Composition> };

/** Opened on first use and kept over hot reloads; a failed start is tried again by the next request. */
export function composition(): Promise<Composition> {
  holder[SLOT] ??= compose().catch((error: unknown) => {
    delete holder[SLOT];
    throw error;
  });
  return holder[SLOT];
}

async function compose(): Promise<Composition> {
  const env = readConsoleEnvironment();
  const key = await loadConsoleKey(env.SALVAGENTE_STATE_DIR);
  const clock = systemClock;
  return {
    env,
    clock,
    db: openDatabase({ url: env.DATABASE_URL }),
    queue: openJobQueue({ url: env.REDIS_URL, key, clock }),
    log: createLog({ name: "console", level: env.LOG_LEVEL }),
    sessionSecret: loadSessionSecret(env),
  };
}
