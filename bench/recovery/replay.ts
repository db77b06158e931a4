import { spawnSync } from "node:child_process";
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { join } from "node:path";
import type { Connection, RowDataPacket } from "mysql2/promise";
import type { SourceServer } from "#lib/contract/manifest/manifest.ts";
import { Secret } from "#lib/platform/secret.ts";
import { type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { temporaryFolder } from "#scripts/services/place.ts";
import { toolPaths } from "#scripts/setup/tools.ts";
import { replay } from "#worker/engines/replay/replay.ts";
import { startSandbox } from "#worker/engines/sandbox/sandbox.ts";
import { cores } from "#worker/engines/sandbox/sizing.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import { identify } from "#worker/engines/server/identify.ts";
import { testTools } from "#worker/testing/tools.ts";
import { median } from "../report.ts";
import { type Change, CHANGES, prepare, sums } from "./changes.ts";

/** The way people replay by hand, word for word. */
const SCRIPT = 'set -o pipefail; "$1" --no-defaults --verify-binlog-checksum --start-position="$4" "${@:5}" | "$2" --defaults-extra-file="$3" --binary-mode';

/** The binary logs of one kind of change, and what stands before and after them. */
interface Recorded {
  readonly identity: SourceServer;
  readonly files: readonly string[];
  readonly start: { readonly position: string; readonly gtidSet: string };
  readonly end: { readonly position: string; readonly gtidSet: string };
  readonly sums: Record<string, string>;
}

/** Replays small transactions and bulk changes: ours in the isolated server that restores use, `mysqlbinlog | mysql` into a server as installed; in turn, medians. */
export async function benchReplay(runs: number, say: (text: string) => void): Promise<Record<string, number>> {
  const folder = temporaryFolder("bench");
  const result: Record<string, number> = {};
  try {
    for (const change of CHANGES) {
      const recorded = await record(folder, change, say);
      const ours: number[] = [];
      const theirs: number[] = [];
      for (let run = 1; run <= runs; run += 1) {
        theirs.push(await byScript(folder, change, recorded));
        ours.push(await bySalvagente(folder, change, recorded));
        say(`${change.name} ${run}: mysqlbinlog | mysql ${theirs.at(-1)?.toFixed(2)} s, ours ${ours.at(-1)?.toFixed(2)} s`);
      }
      result[`replay_${change.name}_vs_mysqlbinlog`] = Math.round((median(theirs) / median(ours)) * 100) / 100;
      result[`replay_${change.name}_seconds`] = Math.round(median(ours) * 100) / 100;
      for (const file of recorded.files) rmSync(file);
    }
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function record(folder: string, change: Change, say: (text: string) => void): Promise<Recorded> {
  // How the source forces its logs to disk does not show in them.
  const server = await startMysql({ flavor: "mysql", options: ["--sync-binlog=0", "--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=512M"] });
  try {
    const connections = await Promise.all(Array.from({ length: change.sessions }, () => connect(accessOf(server))));
    const [first] = connections as [Connection];
    await prepare(first);
    await first.query("FLUSH BINARY LOGS");
    const start = await stand(first);
    const count = await change.run(connections);
    const end = await stand(first);
    say(`${change.name}: ${count} transactions, ${(end.position / 1e6).toFixed(1)} MB of log`);
    const path = join(folder, end.file);
    copyFileSync(join(server.dataDir, end.file), path);
    const recorded = { identity: await identify(first, "source"), files: [path], start: { position: String(start.position), gtidSet: start.gtidSet }, end: { position: String(end.position), gtidSet: end.gtidSet }, sums: await sums(first) };
    if (start.file !== end.file) throw new Error("the changes do not fit into one file");
    for (const connection of connections) await connection.end();
    return recorded;
  } finally {
    await server.stop();
  }
}

async function byScript(folder: string, change: Change, recorded: Recorded): Promise<number> {
  const server = await startMysql({ flavor: "mysql" });
  try {
    const connection = await connect(accessOf(server));
    await connection.query("SET SESSION sql_log_bin = 0");
    await prepare(connection);
    await connection.query("RESET BINARY LOGS AND GTIDS");
    await connection.query("SET GLOBAL gtid_purged = ?", [recorded.start.gtidSet]);
    const options = join(folder, "client.cnf");
    writeFileSync(options, `[client]\nuser=${server.user}\npassword="${server.password}"\nsocket=${server.socket}\n`, { mode: 0o600 });
    const { mysqlbinlog, mysql } = toolPaths().mysql;
    const began = performance.now();
    const ran = spawnSync("bash", ["-c", SCRIPT, "script", mysqlbinlog, mysql, options, recorded.start.position, ...recorded.files], { encoding: "utf8" });
    const seconds = (performance.now() - began) / 1000;
    if (ran.status !== 0) throw new Error(`mysqlbinlog | mysql: ${ran.stderr.slice(-2000)}`);
    await requireSame(connection, change, recorded);
    await connection.end();
    return seconds;
  } finally {
    await server.stop();
  }
}

async function bySalvagente(folder: string, change: Change, recorded: Recorded): Promise<number> {
  const tools = testTools().clients.mysql;
  if (!tools) throw new Error("no MySQL programs");
  const signal = new AbortController().signal;
  const sandbox = await startSandbox({ tools, flavor: "mysql", folder: join(folder, "sandbox"), source: recorded.identity, signal, purpose: "bench", dataBytes: 200e6, replay: { workers: Math.max(4, cores()) } });
  try {
    const connection = await connect(sandbox.access);
    await prepare(connection);
    const { seconds } = await replay({ sandbox, flavor: "mysql", tools, files: recorded.files, start: recorded.start, stop: { position: recorded.end.position }, expectedGtids: recorded.end.gtidSet, signal });
    await requireSame(connection, change, recorded);
    await connection.end();
    return seconds;
  } finally {
    await sandbox.destroy();
  }
}

async function requireSame(connection: Connection, { name }: Change, recorded: Recorded): Promise<void> {
  const found = await sums(connection);
  if (!isDeepStrictEqual(found, recorded.sums)) throw new Error(`${name}: the replay is not what the source held: ${JSON.stringify(found)} instead of ${JSON.stringify(recorded.sums)}`);
}

async function stand(connection: Connection): Promise<{ file: string; position: number; gtidSet: string }> {
  const [rows] = await connection.query<RowDataPacket[]>("SHOW BINARY LOG STATUS");
  return { file: String(rows[0]?.File), position: Number(rows[0]?.Position), gtidSet: String(rows[0]?.Executed_Gtid_Set).replace(/\s/g, "") };
}

function accessOf(server: RunningMysql): ServerAccess {
  return { name: "bench", socket: server.socket, user: server.user, password: new Secret(server.password) };
}
