import { rmSync } from "node:fs";
import { temporaryFolder } from "#scripts/services/place.ts";
import { fillManyTables } from "./data/many-tables.ts";
import { connect, startKeptServer } from "./data/server.ts";
import { machine } from "./report.ts";
import { SalvagenteHost } from "./salvagente.ts";

/** Raised when the tables change: kept data of another version is not used. */
const DATA_VERSION = 1;

/** One backup and one restore test of a server with `count` small tables: what each table costs shows here, whatever its rows. Throws when it is not proven. */
export async function benchTables(count: number, say: (text: string) => void): Promise<{ table: string; json: Record<string, unknown> }> {
  const source = await startKeptServer(`${count}-tables-v${DATA_VERSION}`, `${count} tables`, async (server) => {
    const connections = await Promise.all([connect(server), connect(server)]);
    await fillManyTables(connections, count);
    for (const connection of connections) await connection.end();
  }, say);
  const folder = temporaryFolder("bench");
  try {
    const ours = new SalvagenteHost(folder, source);
    await ours.prepare();
    const backup = await ours.backup("plain");
    say(`backup: ${backup.seconds.toFixed(1)} s, writers held ${backup.lockHeldMs} ms, own peak ${mb(backup.peakBytes)}`);
    const proof = await ours.prove(backup.setId);
    say(`restore test: ${proof.seconds.toFixed(1)} s, own peak ${mb(proof.peakBytes)}`);
    const peak = Math.max(backup.peakBytes, proof.peakBytes);
    const rows: [string, string][] = [["backup", `${backup.seconds.toFixed(1)} s`], ["restore test", `${proof.seconds.toFixed(1)} s`], ["writers held", `${backup.lockHeldMs} ms`], ["own peak memory", mb(peak)], ["stored", mb(backup.bytes)], ["verdict", proof.level]];
    return {
      table: [`${count} tables; ${machine()}; MySQL ${source.version}, Node ${process.version}`, ...rows.map(([name, value]) => `${name.padEnd(20)} ${value}`)].join("\n"),
      json: {
        tables: count, seconds: { backup: round(backup.seconds), restore_test: round(proof.seconds) }, lock_held_ms: backup.lockHeldMs, peak_bytes: peak, bytes: backup.bytes, verdict: proof.level,
        cpu_seconds: { backup: round(backup.cpuSeconds), restore_test: round(proof.cpuSeconds) }, server_cpu_seconds: round(backup.serverCpuSeconds), stages: proof.stages,
        machine: machine(), server: source.version, node: process.version,
      },
    };
  } finally {
    await source.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function mb(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
