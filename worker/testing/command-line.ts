import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import type { WorkerConfigInput } from "#lib/contract/config/worker.ts";
import type { LiveHost } from "./live-host.ts";

const COMMAND = fileURLToPath(new URL("../../bin/salvagente", import.meta.url));

export interface CommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly pid: number;
  readonly child: ChildProcess;
  /** All of standard error so far. */
  said(): string;
  readonly end: Promise<CommandEnd>;
}

/** Writes the live host's settings as worker.yaml, with what is given laid over them; gives its path. */
export function writeWorkerYaml(live: LiveHost, extra: Partial<WorkerConfigInput> = {}): string {
  const { clients, gpg, gpgconf, zstd } = live.host.tools;
  const { pluginDir, ...mysql } = clients.mysql ?? {};
  const { mysql: mariadb, mysqldump, mysqlbinlog, mysqlcheck, mysqladmin, mysqld, installDb, mariadbBackup } = clients.mariadb ?? {};
  const family = { mariadb, "mariadb-dump": mysqldump, "mariadb-binlog": mysqlbinlog, "mariadb-check": mysqlcheck, "mariadb-admin": mysqladmin, mariadbd: mysqld, "mariadb-install-db": installDb, "mariadb-backup": mariadbBackup };
  const programs = Object.fromEntries(Object.entries({ ...mysql, ...(pluginDir ? { "client-plugin-dir": pluginDir } : {}), ...family, gpg, gpgconf, zstd }).filter(([, path]) => path !== undefined));
  const file = join(live.folder, "worker.yaml");
  writeFileSync(file, stringify({ ...live.host.config, tools: { folders: [], programs }, ...extra }), { mode: 0o600 });
  return file;
}

/** A function that starts `bin/salvagente` with the live host's settings as they are now. */
export function commandLine(live: LiveHost): (...args: string[]) => RunningCommand {
  return commandWith(writeWorkerYaml(live));
}

/** The same with the worker.yaml of any host of this machine. */
export function commandWith(file: string): (...args: string[]) => RunningCommand {
  return (...args) => {
    const child = spawn(COMMAND, ["--config", file, "--json", ...args], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, SALVAGENTE_NODE: process.execPath } });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk));
    const end = new Promise<CommandEnd>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
    });
    return { pid: child.pid ?? 0, child, said: () => stderr, end };
  };
}
