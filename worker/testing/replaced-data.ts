import { spawn } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RowDataPacket } from "mysql2/promise";
import { Secret } from "#lib/platform/secret.ts";
import { startMysql } from "#scripts/services/mysql.ts";
import { connect } from "#worker/engines/server/connect.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { writeWorkerYaml } from "./command-line.ts";
import type { FaultScene } from "./fault-scene.ts";

/** The scene's host, allowed to replace the data directory of server `db`, whose own option file says this. */
export function hostReplacing({ live }: FaultScene, folder: string, settings: string): HostRuntime {
  const config = join(live.folder, "own.cnf");
  writeFileSync(config, `[mysqld]\n${settings}\n`);
  chmodSync(config, 0o644);
  return Object.create(live.host, { config: { value: { ...live.host.config, dataDirectories: { db: { folder, config, unit: "mysql@db" } } } } }) as HostRuntime;
}

/** Starts a server on what the data directory holds now, as its own would; answers with its orders and whether it is the one of this uuid. */
export async function onDataNow({ server: { dataDir, port, password } }: FaultScene, uuid: string, meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<unknown> {
  const server = await startMysql({ flavor: "mysql", dataDir, port, password });
  try {
    const connection = await connect({ name: "db", socket: server.socket, user: server.user, password: new Secret(password) });
    const [rows] = await connection.query<RowDataPacket[]>("SELECT COUNT(*) AS orders, @@server_uuid = ? AS itself FROM shop.orders", [uuid]);
    connection.destroy();
    await meanwhile();
    return rows[0];
  } finally {
    await server.stop();
  }
}

/** The way back as a process of its own, killed by itself at the moment between the two renames. Gives its signal. */
export function undoKilledBetween({ live }: FaultScene, host: HostRuntime, replacement: string): Promise<NodeJS.Signals | null> {
  const file = writeWorkerYaml(live, { dataDirectories: host.config.dataDirectories });
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "--input-type=module-typescript", "-e", KILLED, file, replacement], { stdio: ["ignore", "ignore", "inherit"] });
  return new Promise((resolve) => child.once("exit", (_code, signal) => resolve(signal)));
}

const KILLED = `
import { newId } from "#lib/platform/ids.ts";
import { createLog } from "#lib/platform/log.ts";
import { composeHost } from "#worker/compose.ts";
import { RunJournal } from "#worker/host/journal.ts";
import { conductRun } from "#worker/host/run-context.ts";
import { REPLACEMENT_ENDS, undoReplacement } from "#worker/pipelines/restore/replace/take-back-folder.ts";
const [file, replacement] = process.argv.slice(-2);
const log = createLog({ name: "test", level: "silent" });
const host = await composeHost(file, log);
const kill = ({ body }) => { if (body.type === "log" && / is kept as /.test(body.text)) process.kill(process.pid, "SIGKILL"); };
const journal = new RunJournal({ folder: host.folders.journals, host: host.config.host, runId: newId(host.clock.now()), clock: host.clock, listeners: [kill] });
const start = { kind: "restore", trigger: "cli", server: "db", stages: REPLACEMENT_ENDS.undo };
const { fault } = await conductRun({ journal, clock: host.clock, log, signal: new AbortController().signal }, start, (context) => undoReplacement(context, host, replacement, "db"));
console.error("not killed", JSON.stringify(fault));
`;
