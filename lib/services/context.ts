import type { Role } from "#lib/domain/access/permissions.ts";
import type { Clock } from "#lib/platform/clock.ts";
import type { JobQueue } from "#lib/queue/job-queue.ts";
import type { Database } from "#lib/store/open-database.ts";

/** Who asks. `address` is where from, for the audit trail. */
export interface Actor {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly address: string | null;
}

/** What every verb gets first. */
export interface ServiceContext {
  readonly db: Database;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly actor: Actor;
}
