import type { RowDataPacket } from "mysql2/promise";
import type { DataDirectory } from "#lib/contract/config/worker.ts";
import { asFault, Fault } from "#lib/domain/fault/fault.ts";
import { type Holder, holderOf } from "#worker/engines/data-folder/holder.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { accessOf } from "#worker/host/access.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";

/** A server that is there answers at once. */
const PATIENCE_MS = 3000;

/**
 * Nobody works on the data directory: no process has files of it open or locked, and the server of this name does not answer out of it, from a container for instance whose
 * processes cannot be seen. @param path without symbolic links. Fault DATADIR_IN_USE, with the process.
 */
export async function requireStopped(host: HostRuntime, server: string, { folder, unit }: DataDirectory, path: string): Promise<void> {
  const holder = holderOf(path);
  if (holder) throw inUse({ server, folder: path, unit }, holder);
  if (await answersFrom(host, server, [folder, path])) throw new Fault("DATADIR_IN_USE", { params: { path, holder: `server ${server} answers`, unit: unit ?? server } });
}

/** DATADIR_IN_USE by a process. */
export function inUse({ server, folder, unit }: { readonly server: string; readonly folder: string; readonly unit?: string | undefined }, { pid, program }: Holder): Fault {
  return new Fault("DATADIR_IN_USE", { params: { path: folder, holder: pid === 0 ? `a process of another container (${program})` : `process ${pid} (${program})`, unit: unit ?? server } });
}

async function answersFrom(host: HostRuntime, name: string, folders: readonly string[]): Promise<boolean> {
  const server = host.settings.servers.find((one) => one.name === name);
  if (!server) return false;
  try {
    const connection = await connect(await accessOf(server, host.identity), { timeoutMs: PATIENCE_MS });
    const [rows] = await connection.query<RowDataPacket[]>("SELECT @@datadir AS folder").finally(() => connection.destroy());
    return folders.includes(String(rows[0]?.folder).replace(/(?<=.)\/$/, ""));
  } catch (error) {
    // Somebody listens at this host's own socket, whatever keeps us out.
    return server.socket !== undefined && asFault(error).code === "SERVER_ACCESS_DENIED";
  }
}
