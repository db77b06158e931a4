import { createHash } from "node:crypto";
import type { Flavor } from "#lib/contract/names.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { clientLogin } from "#worker/engines/dump/client-login.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import { outcomeText, type RunningTool, spawnTool } from "#worker/exec/spawn-tool.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import { type StreamTarget, streamArgs } from "./args.ts";

/** What the programs say when the disk under their files is full (both families; measured). */
const NO_ROOM = /Could not write into log file|No space left|Errcode: 28|Disk quota exceeded/i;

/** The stream gives way to the server, but must keep up with it. */
export const STREAM_NICENESS = 5;

export interface BinlogStream extends Pick<RunningTool, "pid" | "halt" | "resume"> {
  /** Why it is down. It never ends well: exit code 0 is what an orderly shutdown of the server gives. Faults ARCHIVE_STREAM_DOWN, DISK_FULL, SERVER_ACCESS_DENIED, TOOL_MISSING. */
  readonly down: Promise<Fault>;
  stop(): void;
}

/** Starts copying a server's binary logs into a folder, for ever. The program flushes each event to the operating system; fsync is the caller's. */
export function startStream(options: { flavor: Flavor; client: ClientTools; access: ServerAccess; target: StreamTarget; signal: AbortSignal }): BinlogStream {
  const { flavor, client, access, target } = options;
  const tool = spawnTool(client.mysqlbinlog, streamArgs(flavor, target), {
    stdout: "ignore",
    signal: options.signal,
    niceness: STREAM_NICENESS,
    haltable: true,
    extraFds: { 3: clientLogin(access, flavor) },
    ...(client.pluginDir ? { env: { LIBMYSQL_PLUGIN_DIR: client.pluginDir } } : {}),
  });
  const down = tool.done.then(
    (end) => {
      const message = end.stderrTail.trim().split("\n").at(-1) || outcomeText(end);
      if (NO_ROOM.test(end.stderrTail)) return new Fault("DISK_FULL", { params: { path: target.folder }, detail: end.stderrTail });
      if (/Access denied/i.test(end.stderrTail)) return new Fault("SERVER_ACCESS_DENIED", { params: { server: access.name }, detail: end.stderrTail });
      return new Fault("ARCHIVE_STREAM_DOWN", { params: { server: access.name, message }, detail: `${outcomeText(end)}\n${end.stderrTail}` });
    },
    (error: unknown) => (error instanceof Fault ? error : new Fault("ARCHIVE_STREAM_DOWN", { params: { server: access.name, message: String(error) } })),
  );
  return { pid: tool.pid, halt: tool.halt, resume: tool.resume, down, stop: tool.kill };
}

/**
 * A reader's number, the same for a host and a server as long as they keep their names: what a dead worker left connected is ended by the server when
 * the next one comes. In the upper half, where servers' own ids are rarely chosen.
 */
export function readerIdOf(host: string, server: string): number {
  return 0x8000_0000 + (createHash("sha256").update(`${host}\n${server}`).digest().readUInt32BE(0) % 0x7fff_fff0);
}
