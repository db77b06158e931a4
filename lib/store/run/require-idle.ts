import type { RunKind } from "#lib/contract/events.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Transaction } from "../open-database.ts";

/**
 * Locks the server's row, so that of two people who start at once only one passes.
 * @throws Fault RUN_ALREADY_ACTIVE
 */
export async function requireIdle(tx: Transaction, server: string, kinds: readonly RunKind[]): Promise<void> {
  await tx.$executeRaw`SELECT 1 FROM "Server" WHERE name = ${server} FOR UPDATE`;
  const active = await tx.run.findFirst({ where: { serverName: server, kind: { in: [...kinds] }, state: { in: ["queued", "running", "waiting"] } }, select: { id: true } });
  if (active) throw new Fault("RUN_ALREADY_ACTIVE", { params: { subject: server, id: active.id } });
}
