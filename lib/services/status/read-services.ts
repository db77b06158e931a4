import { heartbeat } from "#lib/contract/pairing.ts";
import type { ServiceStatus } from "#lib/contract/views/status.ts";
import { workerState } from "#lib/domain/objective/worker-state.ts";
import { pingDatabase } from "#lib/store/open-database.ts";
import { visibleTo } from "#lib/store/visibility.ts";
import type { ServiceContext } from "../context.ts";

/** PostgreSQL, Redis, every worker, every database server that the reader may see. A dead service is an entry, never a fault. */
export async function readServices(context: ServiceContext): Promise<ServiceStatus[]> {
  const { db, queue, clock, actor } = context;
  const now = clock.now();
  const [postgres, redis, hosts, servers] = await Promise.all([
    measured("postgres", () => pingDatabase(db)),
    measured("redis", () => queue.ping()),
    db.host.findMany({ orderBy: { name: "asc" } }),
    db.server.findMany({ where: visibleTo(actor.role), orderBy: { name: "asc" } }),
  ]);
  const workers = hosts.map((host): ServiceStatus => {
    const beatAt = host.heartbeatAt?.getTime() ?? null;
    return { kind: "worker", name: host.name, state: workerState(beatAt, now), latencyMs: null, ageSeconds: beatAt === null ? null : Math.max(0, Math.round((now - beatAt) / 1000)), detail: heartbeat.safeParse(host.heartbeat).data?.version ?? null };
  });
  const databases = servers.map((server): ServiceStatus => {
    const worker = workers.find((entry) => entry.name === server.hostName);
    const said = heartbeat.safeParse(hosts.find((host) => host.name === server.hostName)?.heartbeat).data?.servers.find((entry) => entry.name === server.name);
    // what a silent worker said last is history, not state
    const fresh = worker?.state === "up" || worker?.state === "late";
    return { kind: "server", name: server.name, state: !said || !fresh ? "unknown" : said.ok ? "up" : "down", latencyMs: null, ageSeconds: worker?.ageSeconds ?? null, detail: said?.problem ?? said?.version ?? null };
  });
  return [postgres, redis, ...workers, ...databases];
}

async function measured(kind: "postgres" | "redis", ping: () => Promise<number>): Promise<ServiceStatus> {
  try {
    return { kind, name: kind, state: "up", latencyMs: await ping(), ageSeconds: null, detail: null };
  } catch (error) {
    return { kind, name: kind, state: "down", latencyMs: null, ageSeconds: null, detail: error instanceof Error ? error.message.slice(0, 200) : null };
  }
}
