import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Secret } from "#lib/platform/secret.ts";
import { temporaryFolder } from "#scripts/services/place.ts";
import { type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { toolPaths } from "#scripts/setup/tools.ts";
import { scriptBackup, scriptRestore } from "./baseline.ts";
import { connect, countRows, dataBytes, SERVER_OPTIONS, startBenchServer } from "./data/server.ts";
import { type Cost, measure } from "./measure.ts";
import { machine, median } from "./report.ts";
import { SalvagenteHost } from "./salvagente.ts";
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
  const measured: Measured = { seconds: {}, latencies: [] };
  const keep = (name: string, value: number): void => {
    measured.seconds[name] = [...(measured.seconds[name] ?? []), value];
    say(`${name}: ${value.toFixed(2)} s`);
  };
  const source = await startBenchServer(bytes, say);
  try {
    const rows = await dataBytes(source);
    const ours = new SalvagenteHost(folder, source);
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
      const latency = await writeLatency({ name: "source", socket: source.socket, user: source.user, password: new Secret(source.password) }, () => ours.backup("physical"));
      measured.latencies.push(latency);
      say(`p99 of a write: ${latency.normal.toFixed(1)} ms, during a physical full ${latency.during.toFixed(1)} ms`);
      await dropLoad(source);
    }
    if (!quick) {
      const expected = await countRows(source);
      keep("script_restore", await into(expected, async (target) => (await scriptRestore(target, folder, script)).seconds));
      const { setId, seconds } = await ours.backup("plain");
      keep("logical_full", seconds);
      keep("logical_restore", await into(expected, async (target) => (await ours.restore(setId, target)).seconds));
    }
    return report(measured, { rows, server: source.version, runs });
  } finally {
    await source.stop();
    rmSync(folder, { recursive: true, force: true });
  }
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

/** A restore into a new empty server; what does not bring every row is not measured. */
async function into(expected: Record<string, number>, restore: (target: RunningMysql) => Promise<number>): Promise<number> {
  const target = await startMysql({ flavor: "mysql", options: SERVER_OPTIONS });
  try {
    const seconds = await restore(target);
    if (!isDeepStrictEqual(await countRows(target), expected)) throw new Error("the restore is not complete");
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

interface Measured {
  readonly seconds: Record<string, number[]>;
  readonly latencies: WriteLatency[];
}

function report({ seconds, latencies }: Measured, { rows, server, runs }: { rows: number; server: string; runs: number }): { table: string; json: Record<string, unknown> } {
  const medians = Object.fromEntries(Object.entries(seconds).map(([name, values]) => [name, median(values)]));
  const ratio = (theirs: string, ours: string): number => Math.round(((medians[theirs] ?? Number.NaN) / (medians[ours] ?? Number.NaN)) * 1000) / 1000;
  const p99 = { normal: median(latencies.map(({ normal }) => normal)), during: median(latencies.map(({ during }) => during)) };
  const ratios = {
    physical_full_vs_script: ratio("script_full", "physical_full"),
    physical_restore_vs_script: ratio("script_restore", "physical_restore"),
    logical_restore_vs_script: ratio("script_restore", "logical_restore"),
    // Above 1: slower than what it is compared with.
    physical_restore_vs_tar: ratio("physical_restore", "tar_restore"),
    proven_vs_full: ratio("physical_proof", "physical_full"),
    write_p99_ratio: Math.round((p99.during / p99.normal) * 1000) / 1000,
  };
  // Without the restores through SQL there is nothing to compare with.
  const known = Object.fromEntries(Object.entries(ratios).filter(([, value]) => !Number.isNaN(value)));
  const lines = Object.entries(medians).map(([name, value]) => `${name.padEnd(30)} ${value.toFixed(2).padStart(9)} s`);
  const table = [
    `${(rows / 1e9).toFixed(2)} GB of rows, medians of ${runs} (restores through SQL: one run); ${machine()}; MySQL ${server}`,
    ...lines,
    ...Object.entries(p99).map(([name, value]) => `${`write p99, ${name}`.padEnd(30)} ${value.toFixed(1).padStart(9)} ms`),
    ...Object.entries(known).map(([name, value]) => `${name.padEnd(30)} ${value.toFixed(2).padStart(9)} ×`),
  ].join("\n");
  return { table, json: { ...known, seconds: medians, all_seconds: seconds, write_p99_ms: p99, data_bytes: rows, runs, machine: machine(), server } };
}
