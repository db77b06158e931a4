import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { stringify } from "yaml";
import type { WorkerConfigInput } from "#lib/contract/config/worker.ts";
import { Secret } from "#lib/platform/secret.ts";
import { createBackupAccount } from "#scripts/demo/backup-account.ts";
import { freePort } from "#scripts/services/place.ts";
import type { RunningMysql } from "#scripts/services/mysql.ts";
import { toolPaths } from "#scripts/setup/tools.ts";
import { openKeyring } from "#worker/keyring/keyring.ts";
import type { BackupCost } from "./baseline.ts";
import { connect } from "./data/server.ts";
import { type Cost, measure } from "./measure.ts";

const PATIENCE_SECONDS = 3600;

/** Of policy `gentle`: files are read from the server no faster, bytes a second. */
export const GENTLE_BYTES = 30_000_000;

/** Our side of the bench: the command line as a user types it, on a host of its own with one key and one local destination. */
export class SalvagenteHost {
  readonly #folder: string;
  readonly #source: RunningMysql;

  constructor(folder: string, source: RunningMysql) {
    this.#folder = folder;
    this.#source = source;
  }

  /** Makes key, backup account and worker.yaml. */
  async prepare(): Promise<void> {
    for (const name of ["keyring", "store"]) mkdirSync(join(this.#folder, name), { recursive: true, mode: 0o700 });
    const { gpg, gpgconf } = toolPaths();
    const keyring = openKeyring(join(this.#folder, "keyring"), { gpg, gpgconf });
    const key = await keyring.generateKey("Bench <bench@salvagente.invalid>", new Date(Date.now() + 365 * 24 * 3600 * 1000));
    this.#write("key.asc", await keyring.exportPublic(key));
    await keyring.stopAgent();
    const password = randomBytes(18).toString("base64url");
    this.#write("backup-password", password);
    const connection = await connect(this.#source);
    await createBackupAccount(connection, { user: "salvagente_backup", password: new Secret(password), flavor: "mysql" });
    await connection.end();
    this.#configure();
  }

  /** `backup full`: dump, row counts and digests, compression, encryption, copy to the destination, re-read, manifest. */
  async backup(policy: "plain" | "fingerprints" | "physical" | "gentle"): Promise<BackupCost & { setId: string; lockHeldMs: number }> {
    const cost = await this.#run(["backup", "full", "--policy", policy], [this.#source.pid]);
    const setId = lastJson(cost.output, "set", "setId");
    if (typeof setId !== "string") throw new Error(`no set id in: ${cost.output.slice(-1000)}`);
    return { ...cost, setId, lockHeldMs: Number(lastJson(cost.output, "set", "lockHeldMs")), bytes: folderBytes(join(this.#folder, "store"), setId) };
  }

  /** `verify`: every copy read again, restored into an isolated server, compared. Throws when it is not proven. */
  async prove(setId: string): Promise<Cost & { level: string; stages: unknown }> {
    const cost = await this.#run(["verify", "source", setId], []);
    return { ...cost, level: String(lastJson(cost.output, "verification", "level")), stages: lastJson(cost.output, "verification", "restoreTest", "stages") };
  }

  /** `plan` and `restore` of the whole server into `target`; both count. */
  async restore(setId: string, target: RunningMysql): Promise<Cost> {
    this.#configure(target);
    const plan = join(this.#folder, `plan-${target.pid}.json`);
    const planned = await this.#run(["plan", "source", setId, "--to", "target", "--no-accounts", "--output", plan], [target.pid]);
    const restored = await this.#run(["restore", plan], [target.pid]);
    return {
      seconds: planned.seconds + restored.seconds,
      cpuSeconds: planned.cpuSeconds + restored.cpuSeconds,
      serverCpuSeconds: planned.serverCpuSeconds + restored.serverCpuSeconds,
      peakBytes: Math.max(planned.peakBytes, restored.peakBytes),
      peakTreeBytes: Math.max(planned.peakTreeBytes, restored.peakTreeBytes),
      output: restored.output,
    };
  }

  /** `plan` and `restore` of a physical set into a new server of this name. `answersSeconds`: decrypt, unpack, start, until it answered; `seconds`: both commands, comparison and hand-over included. */
  async instance(setId: string, name: string): Promise<{ seconds: number; answersSeconds: number; folder: string }> {
    const plan = join(this.#folder, "plan-instance.json");
    const planned = await this.#run(["plan", "source", setId, "--new-instance", name, "--port", String(await freePort()), "--output", plan], []);
    const restored = await this.#run(["restore", plan], []);
    const answersSeconds = Number(lastJson(restored.output, "restore", "instance", "answeredAfterSeconds"));
    return { seconds: planned.seconds + restored.seconds, answersSeconds, folder: join(this.#folder, "instances", name) };
  }

  #run(args: readonly string[], servers: readonly number[]): Promise<Cost> {
    const cli = join(import.meta.dirname, "../bin/salvagente");
    return measure({ argv: [cli, "--config", join(this.#folder, "worker.yaml"), "--json", ...args], servers, patienceSeconds: PATIENCE_SECONDS });
  }

  #configure(target?: RunningMysql): void {
    const at = (name: string) => join(this.#folder, name);
    const tools = toolPaths();
    if (target) this.#write("target-password", target.password);
    const policy = (name: string, fingerprints: "never" | "always") => ({ name, fingerprints, server: "source", destinations: ["store"], recipients: ["bench"], restoreTest: false });
    const config: WorkerConfigInput = {
      host: "bench-host", stateDir: at("state"), spoolDir: at("spool"), sandboxDir: at("sandbox"), instancesDir: at("instances"), keyring: { home: at("keyring") },
      tools: { folders: [tools.binDir], programs: { ...tools.mysql, gpg: tools.gpg, gpgconf: tools.gpgconf, zstd: tools.zstd } },
      servers: [
        { name: "source", socket: this.#source.socket, user: "salvagente_backup", password: { file: at("backup-password") }, criticalTables: [] },
        ...(target ? [{ name: "target", socket: target.socket, user: target.user, password: { file: at("target-password") }, environment: "test" as const, criticalTables: [], restoreTarget: true }] : []),
      ],
      destinations: [{ kind: "local", name: "store", root: at("store") }],
      policies: [policy("plain", "never"), policy("fingerprints", "always"), { ...policy("physical", "never"), method: "clone" }, { ...policy("gentle", "never"), method: "clone", niceness: { bytesPerSecond: GENTLE_BYTES } }],
      keys: [{ name: "bench", purpose: "operations", key: { file: at("key.asc") } }],
    };
    this.#write("worker.yaml", stringify(config));
  }

  #write(name: string, content: string): void {
    writeFileSync(join(this.#folder, name), content, { mode: 0o600 });
  }
}

/** A field of the JSON object that the command line prints last. */
function lastJson(output: string, ...path: string[]): unknown {
  const last: unknown = JSON.parse(output.trim().split("\n").at(-1) ?? "null");
  return path.reduce<unknown>((inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined), last);
}

/** Bytes of all files below the folder of the set. */
function folderBytes(root: string, setId: string): number {
  const found = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && entry.parentPath.includes(setId));
  if (found.length === 0) throw new Error(`no files of set ${setId} under the destination`);
  return found.reduce((total, entry) => total + statSync(join(entry.parentPath, entry.name)).size, 0);
}

