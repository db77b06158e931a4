import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Secret } from "#lib/platform/secret.ts";
import { temporaryFolder } from "#scripts/services/place.ts";
import { type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { toolPaths } from "#scripts/setup/tools.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import { scriptBackup, scriptRestore } from "./baseline.ts";
import { connect, countContents, dataBytes, SERVER_OPTIONS, startBenchServer } from "./data/server.ts";
import { type Cost, measure } from "./measure.ts";
import { LEFT_OUT, MydumperPeer } from "./mydumper.ts";
import { type GentleFull, physicalReport } from "./physical-report.ts";
import { machine } from "./report.ts";
import { GENTLE_BYTES, SalvagenteHost } from "./salvagente.ts";
import { type WriteLatency, writeLatency } from "./write-latency.ts";

const PATIENCE_SECONDS = 3600;
const INSTANCE = "risorto";

export interface PhysicalOptions {
  readonly bytes: number;
  /** Of everything but the restores through SQL, which take minutes each: those are one run. */
  readonly runs: number;
  /** Without the restores through SQL. */
  readonly quick: boolean;
}

/**
 * The physical road against the customer's script, in turn in one run, with the machine's own limits beside: `cp -a` of the data directory, `dd` of as many
 * bytes, plain `zstd -d | tar -x`. A restore counts from the order to a server that was compared; `answers` to one that answers queries.
 */
export async function benchPhysical({ bytes, runs, quick }: PhysicalOptions, say: (text: string) => void): Promise<{ table: string; json: Record<string, unknown> }> {
  const folder = temporaryFolder("physical");
  const measured: { seconds: Record<string, number[]>; latencies: WriteLatency[]; gentle?: GentleFull } = { seconds: {}, latencies: [] };
  const keep = (name: string, value: number): void => {
    measured.seconds[name] = [...(measured.seconds[name] ?? []), value];
    say(`${name}: ${value.toFixed(2)} s`);
  };
  const source = await startBenchServer(bytes, say);
  try {
    const rows = await dataBytes(source);
    const access = { name: "source", socket: source.socket, user: source.user, password: new Secret(source.password) };
    const ours = new SalvagenteHost(folder, source);
    const peer = new MydumperPeer(folder);
    await ours.prepare();
    await allowClone(source);
    let script = "";
    for (let run = 1; run <= runs; run += 1) {
      const dumped = await scriptBackup(source, folder);
      script = dumped.file;
      keep("script_full", dumped.seconds);
      const { setId, seconds: full } = await ours.backup("physical");
      keep("physical_full", full);
      await restorePhysical(ours, setId, folder, keep);
      const proof = await ours.prove(setId);
      if (proof.level !== "proven") throw new Error(`the physical set is only ${proof.level}`);
      keep("physical_proof", proof.seconds);
      const latency = await writeLatency(access, () => ours.backup("physical"));
      measured.latencies.push(latency);
      say(`p99 of a write: ${latency.normal.toFixed(1)} ms, during a physical full ${latency.during.toFixed(1)} ms`);
      if (run === 1) measured.gentle = await gentleFull(ours, access, say);
      await dropLoad(source);
    }
    if (!quick) {
      const expected = await countContents(source);
      keep("script_restore", await into(expected, async (target) => (await scriptRestore(target, folder, script)).seconds));
      const { setId, seconds } = await ours.backup("plain");
      keep("logical_full", seconds);
      keep("logical_restore", await into(expected, async (target) => (await ours.restore(setId, target)).seconds));
      await peer.attempt(async () => {
        keep("mydumper_full", (await peer.dump(source)).seconds);
        keep("myloader_restore", await into({ ...expected, ...LEFT_OUT }, async (target) => (await peer.load(target)).seconds));
      });
    }
    return physicalReport(measured, { rows, server: source.version, machine: machine(), runs, peer: peer.facts });
  } finally {
    await source.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A full of a policy that names a rate, once: it takes minutes. */
async function gentleFull(ours: SalvagenteHost, access: ServerAccess, say: (text: string) => void): Promise<GentleFull> {
  let seconds = Number.NaN;
  const latency = await writeLatency(access, async () => {
    ({ seconds } = await ours.backup("gentle"));
  });
  say(`p99 of a write: ${latency.normal.toFixed(1)} ms, during a physical full at ${GENTLE_BYTES / 1e6} MB/s, which took ${seconds.toFixed(1)} s, ${latency.during.toFixed(1)} ms`);
  return { latency, seconds, bytesPerSecond: GENTLE_BYTES };
}

async function restorePhysical(ours: SalvagenteHost, setId: string, folder: string, keep: (name: string, value: number) => void): Promise<void> {
  const restored = await ours.instance(setId, INSTANCE);
  const data = join(restored.folder, "data");
  keep("physical_restore", restored.answersSeconds);
  keep("physical_restore_compared", restored.seconds);
  keep("tar_restore", await plainUnpack(folder, data));
  keep("cp_a", await timed(["cp", "-a", data, join(folder, "copied")]));
  keep("dd", await timed(["dd", "if=/dev/zero", `of=${join(folder, "written")}`, "bs=1M", `count=${Math.ceil(treeBytes(data) / 1048576)}`, "conv=fsync", "status=none"]));
  for (const path of [join(folder, "copied"), join(folder, "written"), restored.folder]) rmSync(path, { recursive: true, force: true });
}

async function allowClone(server: RunningMysql): Promise<void> {
  const connection = await connect(server);
  await connection.query("INSTALL PLUGIN clone SONAME 'mysql_clone.so'").catch((error: { errno?: number }) => {
    // Kept data have it from an earlier bench.
    if (error.errno !== 1125 && error.errno !== 1968) throw error;
  });
  await connection.query("GRANT PROCESS ON *.* TO salvagente_backup@localhost");
  await connection.end();
}

async function dropLoad(server: RunningMysql): Promise<void> {
  const connection = await connect(server);
  await connection.query("DROP DATABASE bench_load").finally(() => connection.end());
}

/** A restore into a new empty server; what does not bring everything is not measured. */
async function into(expected: Record<string, number>, restore: (target: RunningMysql) => Promise<number>): Promise<number> {
  const target = await startMysql({ flavor: "mysql", options: SERVER_OPTIONS });
  try {
    const seconds = await restore(target);
    const contents = await countContents(target);
    if (!isDeepStrictEqual(contents, expected)) throw new Error(`the restore is not complete: ${JSON.stringify(contents)} instead of ${JSON.stringify(expected)}`);
    return seconds;
  } finally {
    await target.stop();
  }
}

/** What unpacking costs at least: the same files, in as many archives as there are cores, neither encrypted nor checked. */
async function plainUnpack(folder: string, data: string): Promise<number> {
  const [packed, unpacked] = [join(folder, "plain"), join(folder, "unpacked")];
  for (const path of [packed, unpacked]) mkdirSync(path);
  const entries = readdirSync(data);
  const shares = [0, 1].map((turn) => entries.filter((_, index) => index % 2 === turn));
  for (const [index, share] of shares.entries()) execFileSync("bash", ["-c", 'out=$1; zstd=$2; shift 2; tar -c -C "$0" -- "$@" | "$zstd" -q -1 > "$out"', data, join(packed, `${index}.tar.zst`), toolPaths().zstd, ...share]);
  const took = await timed(["bash", "-c", 'set -e; for part in "$1"/*.zst; do (set -o pipefail; "$2" -q -d -c "$part" | tar -x -C "$3") & done; for job in $(jobs -p); do wait "$job"; done', "plain", packed, toolPaths().zstd, unpacked]);
  for (const path of [packed, unpacked]) rmSync(path, { recursive: true, force: true });
  return took;
}

async function timed(argv: readonly string[]): Promise<number> {
  const cost: Cost = await measure({ argv, servers: [], patienceSeconds: PATIENCE_SECONDS });
  return cost.seconds;
}

function treeBytes(folder: string): number {
  return Number(execFileSync("du", ["-sb", folder], { encoding: "utf8" }).split("\t")[0]);
}
