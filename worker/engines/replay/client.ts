import { clientLogin } from "#worker/engines/dump/client-login.ts";
import { clientArguments } from "#worker/engines/load/client-session.ts";
import { serverMessage } from "#worker/engines/load/server-message.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { abortFault } from "#worker/exec/run.ts";
import { outcomeText, spawnTool } from "#worker/exec/spawn-tool.ts";
import { checkEndState, setStartState, undecidedXa } from "./end-state.ts";
import type { ReplayRequest } from "./replay-request.ts";

/**
 * One run of the log reading program over all files into one client session: temporary tables and settings of the session hold across files, the
 * start counts in the first file and the stop in the last. Both programs must end well. Slower than the applier; the only way on MariaDB.
 */
export async function replayByClient(request: ReplayRequest): Promise<{ undecidedXa: number }> {
  const { tools, sandbox, flavor, signal } = request;
  if (signal.aborted) throw abortFault(signal);
  const connection = await connect(sandbox.access);
  try {
    await setStartState(connection, request);
    // Its bytes go from program to program in the kernel: both must start in the same tick.
    const reader = spawnTool(tools.mysqlbinlog, readerArguments(request), { signal });
    const client = spawnTool(tools.mysql, clientArguments(false), {
      ...(reader.stdout ? { stdin: reader.stdout } : {}),
      stdout: "ignore",
      signal,
      extraFds: { 3: clientLogin(sandbox.access, flavor) },
      ...(tools.pluginDir ? { env: { LIBMYSQL_PLUGIN_DIR: tools.pluginDir } } : {}),
    });
    const [read, applied] = await Promise.all([reader.done, client.done]);
    if (signal.aborted) throw abortFault(signal);
    if (applied.code !== 0) throw await stoppedAt(request, serverMessage(applied.stderrTail) ?? outcomeText(applied));
    if (read.code !== 0) throw new Fault("REPLAY_INCOMPLETE", { params: { expected: "all files read", found: outcomeText(read) }, detail: read.stderrTail.slice(-2000) });
    await checkEndState(connection, request);
    return { undecidedXa: await undecidedXa(connection) };
  } finally {
    connection.destroy();
  }
}

function readerArguments({ flavor, files, start, stop, skip = [] }: ReplayRequest): string[] {
  return [
    "--no-defaults",
    "--verify-binlog-checksum",
    ...(flavor === "mysql" && skip.length > 0 ? [`--exclude-gtids=${skip.join(",")}`] : []),
    `--start-position=${start.position}`,
    `--stop-position=${stop.position}`,
    "--",
    ...files,
  ];
}

/** The client knows lines, not transactions: what the server has executed last names the place. */
async function stoppedAt({ sandbox, flavor, start }: ReplayRequest, message: string): Promise<Fault> {
  const connection = await connect(sandbox.access).catch(() => null);
  const variable = flavor === "mysql" ? "gtid_executed" : "gtid_binlog_pos";
  const [rows] = connection && start.gtidSet !== null ? await connection.query(`SELECT @@GLOBAL.${variable} AS v`).catch(() => [[]]) : [[]];
  connection?.destroy();
  const reached = (rows as { v?: string }[])[0]?.v?.replace(/\s/g, "");
  return new Fault("REPLAY_STOPPED", { params: { transaction: reached ? `after ${reached}` : "?", message } });
}
