import { pingDatabase } from "#lib/store/open-database.ts";
import { composition } from "../../compose.ts";

/** Alive, and does it reach PostgreSQL and Redis? 200 when ready, 503 otherwise. Open to everybody: tells nothing else. */
export async function GET(): Promise<Response> {
  const reached = await composition().then(
    async ({ db, queue }) => ({ catalog: await answers(pingDatabase(db)), queue: await answers(queue.ping()) }),
    () => ({ catalog: false, queue: false }),
  );
  const ready = reached.catalog && reached.queue;
  return Response.json({ ready, ...reached }, { status: ready ? 200 : 503, headers: { "Cache-Control": "no-store" } });
}

function answers(ping: Promise<unknown>): Promise<boolean> {
  return ping.then(
    () => true,
    () => false,
  );
}
