import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "#scripts/services/place.ts";
import { type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { toolPaths } from "#scripts/setup/tools.ts";
import { scriptBackup, scriptRestore } from "./baseline.ts";
import { connect, countRows, dataBytes, SERVER_OPTIONS, startBenchServer } from "./data/server.ts";
import { type Cost, measure } from "./measure.ts";
import { machine, median } from "./report.ts";
import { SalvagenteHost } from "./salvagente.ts";

const PATIENCE_SECONDS = 3600;
const INSTANCE = "risorto";

/**
 * The physical road against the customer's script, in turn in one run, with the machine's own limits beside: `cp -a` of the data directory, `dd` of as many
 * bytes, plain `zstd -d | tar -x`. A restore counts from the order to a server that was compared; `answers` to one that answers queries.
 */
export async function benchPhysical(bytes: number, runs: number, say: (text: string) => void): Promise<{ table: string; json: Record<string, unknown> }> {
  const folder = temporaryFolder("physical");
  const seconds: Record<string, number[]> = {};
  const keep = (name: string, value: number): void => {
    seconds[name] = [...(seconds[name] ?? []), value];
    say(`${name}: ${value.toFixed(2)} s`);
  };
  const source = await startBenchServer(bytes, say);
  try {
    const rows = await dataBytes(source);
    const ours = new SalvagenteHost(folder, source);
    await ours.prepare();
    await allowClone(source);
    const expected = await countRows(source);
    for (let run = 1; run <= runs; run += 1) {
      const script = await scriptBackup(source, folder);
      keep("script_full", script.seconds);
      const { setId, seconds: full } = await ours.backup("physical");
      keep("physical_full", full);
      keep("script_restore", await scriptInto(folder, script.file, expected));
      const restored = await ours.instance(setId, INSTANCE);
      keep("physical_restore", restored.answersSeconds);
      keep("physical_restore_compared", restored.seconds);
      keep("tar_restore", await plainUnpack(folder, join(restored.folder, "data")));
      keep("cp_a", await timed(["cp", "-a", join(restored.folder, "data"), join(folder, "copied")]));
      keep("dd", await timed(["dd", "if=/dev/zero", `of=${join(folder, "written")}`, "bs=1M", `count=${Math.ceil(treeBytes(join(restored.folder, "data")) / 1048576)}`, "conv=fsync", "status=none"]));
      for (const name of ["copied", "written"]) rmSync(join(folder, name), { recursive: true, force: true });
      rmSync(restored.folder, { recursive: true, force: true });
    }
    return report(seconds, rows, source.version, runs);
  } finally {
    await source.stop();
    rmSync(folder, { recursive: true, force: true });
  }
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

async function scriptInto(folder: string, file: string, expected: Record<string, number>): Promise<number> {
  const target = await startMysql({ flavor: "mysql", options: SERVER_OPTIONS });
  try {
    const cost = await scriptRestore(target, folder, file);
    if (JSON.stringify(await countRows(target)) !== JSON.stringify(expected)) throw new Error("the script's restore is not complete");
    return cost.seconds;
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

function report(seconds: Record<string, number[]>, rows: number, server: string, runs: number): { table: string; json: Record<string, unknown> } {
  const medians = Object.fromEntries(Object.entries(seconds).map(([name, values]) => [name, median(values)]));
  const ratio = (theirs: string, ours: string): number => Math.round(((medians[theirs] ?? Number.NaN) / (medians[ours] ?? Number.NaN)) * 1000) / 1000;
  const ratios = {
    physical_full_vs_script: ratio("script_full", "physical_full"),
    physical_restore_vs_script: ratio("script_restore", "physical_restore"),
    // Above 1: ours is slower than tar alone.
    physical_restore_vs_tar: ratio("physical_restore", "tar_restore"),
  };
  const lines = Object.entries(medians).map(([name, value]) => `${name.padEnd(30)} ${value.toFixed(2).padStart(9)} s`);
  const table = [`${(rows / 1e9).toFixed(2)} GB of rows, medians of ${runs}; ${machine()}; MySQL ${server}`, ...lines, ...Object.entries(ratios).map(([name, value]) => `${name.padEnd(30)} ${value.toFixed(2).padStart(9)} ×`)].join("\n");
  return { table, json: { ...ratios, seconds: medians, all_seconds: seconds, data_bytes: rows, runs, machine: machine(), server } };
}
