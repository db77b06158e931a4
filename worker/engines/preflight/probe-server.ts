import { lookup } from "node:dns/promises";
import { createConnection } from "node:net";
import type { Connection } from "mysql2/promise";
import { Fault } from "#lib/domain/fault/fault.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import type { ProbeStep } from "#worker/ports/destination.ts";

const REACH_TIMEOUT_MS = 10_000;

export interface ReachedServer {
  readonly steps: ProbeStep[];
  /** The open connection when every step went well; the caller ends it. */
  readonly connection: Connection | null;
  /** Why the last step failed. */
  readonly fault: Fault | null;
}

/** Reaches the server step by step: dns, tcp (or socket), login. Never throws; stops at the first step that fails. */
export async function reachServer(access: ServerAccess): Promise<ReachedServer> {
  const steps: ProbeStep[] = [];
  let connection: Connection | null = null;
  const works: [string, () => Promise<string | undefined>][] = [];
  const host = access.host ?? "127.0.0.1";
  if (access.socket) works.push(["socket", () => reach({ path: access.socket ?? "" }, access.socket ?? "")]);
  else works.push(["dns", async () => (await lookup(host)).address], ["tcp", () => reach({ host, port: access.port ?? 3306 }, `${host}:${access.port ?? 3306}`)]);
  works.push(["login", async () => {
    connection = await connect(access, { timeoutMs: REACH_TIMEOUT_MS });
    return access.user;
  }]);
  for (const [step, work] of works) {
    const began = performance.now();
    try {
      const detail = await work();
      steps.push({ step, ok: true, ms: Math.round(performance.now() - began), ...(detail ? { detail } : {}) });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      steps.push({ step, ok: false, ms: Math.round(performance.now() - began), detail: message.slice(0, 300) });
      return { steps, connection: null, fault: error instanceof Fault ? error : new Fault("SERVER_UNREACHABLE", { params: { server: access.name, message }, cause: error }) };
    }
  }
  return { steps, connection, fault: null };
}

function reach(target: { path: string } | { host: string; port: number }, label: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ ...target, timeout: REACH_TIMEOUT_MS });
    socket.once("connect", () => {
      socket.destroy();
      resolve(label);
    });
    socket.once("timeout", () => socket.destroy(new Error(`no answer from ${label} within ${REACH_TIMEOUT_MS / 1000} s`)));
    socket.once("error", reject);
  });
}
