import { execFileSync } from "node:child_process";
import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { RunningMysql } from "#scripts/services/mysql.ts";
import { toolPaths } from "#scripts/setup/tools.ts";
import { LOAD_WORKERS } from "#worker/pipelines/restore/load-stage.ts";
import type { BackupCost } from "./baseline.ts";
import { type Cost, measure } from "./measure.ts";
import type { PeerFacts } from "./peer-ratios.ts";

const PATIENCE_SECONDS = 3600;
/** As a policy of ours has it by default. */
const DUMP_THREADS = Math.min(8, Math.max(2, availableParallelism()));
/** Megabytes of SQL a file: its manual's way to keep all threads of a load busy. */
const FILE_MEGABYTES = 64;
/** Not the server's own schemas: a new server has them. */
const USERS_SCHEMAS = String.raw`^(?!(mysql|sys|performance_schema|information_schema)\.)`;

/** 1.0.1 ends by a segmentation fault over the tree that 9.x explains statements with by default; 0.10 reads no such group. */
const SESSION = "[mydumper_session_variables]\nexplain_format=TRADITIONAL\n";

/** What its dump leaves out: Debian's version misreads where 9.x tells a routine's character set, and its own load refuses the file. Two routines take no time. */
export const LEFT_OUT = { routines: 0 };

/** Options that one version has and another has not, as its help says: what makes a load fast is taken where it is offered. `server`: its `VERSION()`. */
export function loadOptions(help: string, threads: number, server: string): string[] {
  return [
    `--threads=${threads}`,
    ...asMysql(help, server),
    ...offered(help, "innodb-optimize-keys"),
    // Into a new server ours does the same.
    ...offered(help, "disable-redo-log"),
    ...offered(help, "max-threads-for-index-creation", threads),
    ...offered(help, "max-threads-per-table", threads),
  ];
}

/** The objects that the customer's script takes, but for those left out, compressed as its and ours are. */
export function dumpOptions(help: string, threads: number, server: string): string[] {
  const zstd = help.split("\n").some((line) => /--compress\b/.test(line) && /zstd/i.test(line));
  return [`--threads=${threads}`, ...asMysql(help, server), "--triggers", "--events", `--regex=${USERS_SCHEMAS}`, `--chunk-filesize=${FILE_MEGABYTES}`, zstd ? "--compress=ZSTD" : "--compress"];
}

/** 1.0.1 knows MySQL by a comment that Debian's server does not have, and asks it as if it were of version 0. */
function asMysql(help: string, server: string): string[] {
  const version = /^\d+\.\d+\.\d+/.exec(server)?.[0];
  return version === undefined ? [] : offered(help, "server-version", `mysql-${version}`);
}

function offered(help: string, option: string, value?: number | string): string[] {
  if (!new RegExp(`--${option}\\b(?!-)`).test(help)) return [];
  return [value === undefined ? `--${option}` : `--${option}=${value}`];
}

/**
 * mydumper and myloader: the peer of the road through SQL. One that is not here or fails is not compared, and takes no measurement of ours with it: `whyNot` of
 * its facts tells why.
 */
export class MydumperPeer {
  readonly #folder: string;
  #tools: { readonly mydumper: string; readonly myloader: string; readonly version: string } | null = null;
  #whyNot = "";

  /** `folder`: where its dump goes. `find`: gives the two programs, or throws why they are not here. */
  constructor(folder: string, find: () => { mydumper: string; myloader: string } = () => toolPaths().mydumper) {
    this.#folder = folder;
    try {
      const { mydumper, myloader } = find();
      this.#tools = { mydumper, myloader, version: says(mydumper, "--version").trim().split("\n")[0] ?? "" };
    } catch (error) {
      this.#giveUp(error);
    }
  }

  get facts(): PeerFacts {
    return this.#tools ? { version: this.#tools.version, dumpThreads: DUMP_THREADS, loadThreads: LOAD_WORKERS } : { whyNot: this.#whyNot };
  }

  /** What `work` gives; null when the peer is not compared (any more). */
  async attempt<T>(work: () => Promise<T>): Promise<T | null> {
    if (!this.#tools) return null;
    try {
      return await work();
    } catch (error) {
      this.#giveUp(error);
      return null;
    }
  }

  /** `mydumper` of all schemas of users into its folder, anew. */
  async dump(server: RunningMysql): Promise<BackupCost> {
    const { mydumper } = this.#present();
    const into = this.#dumpFolder();
    rmSync(into, { recursive: true, force: true });
    const cost = await measure({ argv: [mydumper, this.#access(server), ...dumpOptions(helpOf(mydumper), DUMP_THREADS, server.version), `--outputdir=${into}`], servers: [server.pid], patienceSeconds: PATIENCE_SECONDS });
    return { ...cost, bytes: readdirSync(into).reduce((sum, name) => sum + statSync(join(into, name)).size, 0) };
  }

  /** `myloader` of the last dump into `target`, with as many threads as a restore of ours has streams. */
  load(target: RunningMysql): Promise<Cost> {
    const { myloader } = this.#present();
    return measure({ argv: [myloader, this.#access(target), ...loadOptions(helpOf(myloader), LOAD_WORKERS, target.version), `--directory=${this.#dumpFolder()}`], servers: [target.pid], patienceSeconds: PATIENCE_SECONDS });
  }

  #dumpFolder(): string {
    return join(this.#folder, "mydumper");
  }

  #access(server: RunningMysql): string {
    const options = join(this.#folder, "mydumper.cnf");
    writeFileSync(options, `[client]\nuser=${server.user}\npassword=${server.password}\nsocket=${server.socket}\n${SESSION}`, { mode: 0o600 });
    return `--defaults-file=${options}`;
  }

  #present() {
    if (!this.#tools) throw new Error(this.#whyNot);
    return this.#tools;
  }

  #giveUp(error: unknown): void {
    this.#tools = null;
    this.#whyNot = error instanceof Error ? error.message : String(error);
  }
}

/** Some versions tell all options when asked for help, others only when asked for all of it. */
function helpOf(program: string): string {
  return ["--help", "--help-all"].map((option) => {
    try {
      return says(program, option);
    } catch {
      return "";
    }
  }).join("\n");
}

function says(program: string, option: string): string {
  return execFileSync(program, [option], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], timeout: 30_000 });
}
