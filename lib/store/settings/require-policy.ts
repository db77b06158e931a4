import { Fault } from "#lib/domain/fault/fault.ts";
import type { Policy, Server } from "../generated/client.ts";
import type { Store } from "../open-database.ts";

/** @throws Fault NOT_FOUND */
export async function requirePolicy(db: Store, name: string): Promise<Policy & { server: Server }> {
  const policy = await db.policy.findUnique({ where: { name }, include: { server: true } });
  if (!policy) throw new Fault("NOT_FOUND", { params: { kind: "policy", id: name } });
  return policy;
}

/** @throws Fault NOT_FOUND */
export async function requireServer(db: Store, name: string): Promise<Server> {
  const server = await db.server.findUnique({ where: { name } });
  if (!server) throw new Fault("NOT_FOUND", { params: { kind: "server", id: name } });
  return server;
}
