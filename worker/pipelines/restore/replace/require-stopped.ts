import { join } from "node:path";
import type { RowDataPacket } from "mysql2/promise";
import { asFault, Fault } from "#lib/domain/fault/fault.ts";
import { type Holder, holderOf } from "#worker/engines/data-folder/holder.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { accessOf } from "#worker/host/access.ts";
import { readText } from "#worker/host/run-owner.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";

/** As much of a server as tells where it keeps its data, and how it is stopped. */
interface StoppedServer {
  readonly folder: string;
  readonly unit: string;
}

/** A server that is there answers at once. */
const PATIENCE_MS = 3000;

/**
 * Nobody works on the data directory: no process has files of it open or locked, and the server of this name does not answer out of it, from a container for instance whose
 * processes cannot be seen. @param path without symbolic links. Fault DATADIR_IN_USE, with the process.
 */
export async function requireStopped(host: HostRuntime, server: string, { folder, unit }: StoppedServer, path: string): Promise<void> {
  const holder = holderOf(path);
  if (holder) throw inUse({ folder: path, unit }, holder);
  if (await answersFrom(host, server, { folders: [folder, path], uuid: uuidIn(path) })) throw new Fault("DATADIR_IN_USE", { params: { path, holder: `server ${server} answers`, unit } });
}

/** DATADIR_IN_USE by a process. */
export function inUse({ folder, unit }: StoppedServer, { pid, program }: Holder): Fault {
  return new Fault("DATADIR_IN_USE", { params: { path: folder, holder: pid === 0 ? `a process of another container (${program})` : `process ${pid} (${program})`, unit } });
}

/** By its identity, or, where one of the two has none to show, by the path of its data directory: a container may have another for it, and another host the same. */
async function answersFrom(host: HostRuntime, name: string, directory: { readonly folders: readonly string[]; readonly uuid: string | undefined }): Promise<boolean> {
  const server = host.settings.servers.find((one) => one.name === name);
  if (!server) return false;
  try {
    const connection = await connect(await accessOf(server, host.identity), { timeoutMs: PATIENCE_MS });
    const [rows] = await connection.query<RowDataPacket[]>("SHOW GLOBAL VARIABLES WHERE Variable_name IN ('datadir', 'server_uuid')").finally(() => connection.destroy());
    const said = new Map(rows.map((row) => [String(row.Variable_name), String(row.Value)]));
    const uuid = said.get("server_uuid");
    if (uuid !== undefined && directory.uuid !== undefined) return uuid === directory.uuid;
    return directory.folders.includes((said.get("datadir") ?? "").replace(/(?<=.)\/$/, ""));
  } catch (error) {
    // Somebody listens at this host's own socket, whatever keeps us out.
    return server.socket !== undefined && asFault(error).code === "SERVER_ACCESS_DENIED";
  }
}

/** MySQL keeps it in its data directory. */
function uuidIn(path: string): string | undefined {
  return /^\s*server[-_]uuid\s*=\s*([0-9a-f-]{36})/im.exec(readText(join(path, "auto.cnf")))?.[1];
}
