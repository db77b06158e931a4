import type { Writable } from "node:stream";
import type { Flavor } from "#lib/contract/names.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { clientLogin } from "#worker/engines/dump/client-login.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import { COMMITTING, WITHOUT_LIMITS } from "#worker/engines/server/session-limits.ts";
import { signalGroup } from "#worker/exec/launch.ts";
import { OPTION_FILE_ARGUMENT } from "#worker/exec/mysql-option-file.ts";
import { abortFault } from "#worker/exec/run.ts";
import { outcomeText, spawnTool } from "#worker/exec/spawn-tool.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import { drained } from "#worker/streams/drained.ts";
import { serverMessage } from "./server-message.ts";

/** Where artifacts are loaded to. */
export interface LoadTarget {
  readonly access: ServerAccess;
  readonly flavor: Flavor;
  readonly tools: ClientTools;
  readonly signal: AbortSignal;
  /** Keeps the load out of the target's binary log: right for an isolated server, wrong for a primary with replicas. */
  readonly skipBinlog: boolean;
  /** Rows may be sent to `LOAD DATA LOCAL`: the server is used by this load alone, and allows it. */
  readonly localRows?: boolean | undefined;
}

export interface ClientSession {
  /** Gives bytes to the client; waits while it is busy. Rejects with LOAD_FAILED when the client has ended. */
  write(chunk: Buffer): Promise<void> | undefined;
  /** No more bytes: waits for the client to end. Faults: LOAD_FAILED, CANCELLED. */
  finish(): Promise<void>;
  /** Ends the client at once, so that it does not run a half-received statement. Waits for its end. */
  abandon(): Promise<void>;
}

/**
 * argv of the loading client. `--binary-mode`: nothing in the stream is a command of the client itself (`system`, `source`, `\!`),
 * and NUL and CR stay what they are. `--comments`: MariaDB's client would cut comments out of bodies. What the server would end or not commit for others it does for this one. A lost connection is never made anew: the settings of the session would be lost with it.
 */
export function clientArguments(skipBinlog: boolean): string[] {
  return [
    OPTION_FILE_ARGUMENT,
    "--batch",
    "--binary-mode",
    "--comments",
    "--default-character-set=utf8mb4",
    "--local-infile=0",
    "--max-allowed-packet=1G",
    "--net-buffer-length=1M",
    "--skip-auto-rehash",
    "--skip-reconnect",
    `--init-command=SET SESSION ${skipBinlog ? "sql_log_bin = 0, " : ""}${COMMITTING}, ${WITHOUT_LIMITS}`,
  ];
}

/** Starts a client that runs what is written to it and stops at the first error. `label` names the artifact in faults. */
export function startClient(target: LoadTarget, label: string): ClientSession {
  const tool = spawnTool(target.tools.mysql, clientArguments(target.skipBinlog), {
    stdin: "pipe",
    stdout: "ignore",
    signal: target.signal,
    extraFds: { 3: clientLogin(target.access, target.flavor) },
    ...(target.tools.pluginDir ? { env: { LIBMYSQL_PLUGIN_DIR: target.tools.pluginDir } } : {}),
  });
  const stdin = tool.stdin as Writable;
  let ended = false;
  const failure = async (): Promise<Fault> => {
    const end = await tool.done;
    if (target.signal.aborted) return abortFault(target.signal);
    const said = serverMessage(end.stderrTail);
    return new Fault("LOAD_FAILED", { params: { artifact: label, message: said ?? `${programName(target.tools.mysql)}: ${outcomeText(end)}` } });
  };
  tool.done.then(() => (ended = true), () => (ended = true));
  return {
    write(chunk) {
      if (ended || stdin.destroyed) return failure().then((fault) => Promise.reject(fault));
      if (stdin.write(chunk)) return undefined;
      return drained(stdin).then(async () => {
        if (stdin.destroyed) throw await failure();
      });
    },
    async finish() {
      stdin.end();
      const end = await tool.done;
      if (end.code !== 0 || target.signal.aborted) throw await failure();
    },
    async abandon() {
      if (!ended) signalGroup(tool.pid, "SIGKILL");
      await tool.done.catch(() => undefined);
    },
  };
}

function programName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
