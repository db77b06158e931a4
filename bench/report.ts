import { cpus, totalmem } from "node:os";
import type { Cost } from "./measure.ts";
import { type PeerFacts, peerRatios } from "./peer-ratios.ts";

/** Measurements by name; `bytes` = stored bytes, for backups. */
export type Samples = Record<string, (Cost & { bytes?: number })[]>;

export interface BenchFacts {
  readonly dataBytes: number;
  readonly runs: number;
  readonly machine: string;
  readonly server: string;
  readonly node: string;
  readonly peer: PeerFacts;
}

/** Speed ratios (above 1: ours is faster), and who is divided by whom. */
const RATIOS = {
  full_vs_script: ["script_full", "salvagente_full"],
  full_vs_bare_dump: ["bare_dump", "salvagente_full"],
  full_fingerprints_vs_script: ["script_full", "salvagente_full_fingerprints"],
  restore_vs_script: ["script_restore", "salvagente_restore"],
  // The same under the name that tells it from the physical road's.
  logical_restore_vs_script: ["script_restore", "salvagente_restore"],
} as const;

/** Medians, as a table for people and one object for programs. */
export function report(samples: Samples, facts: BenchFacts): { table: string; json: Record<string, unknown> } {
  const medians = Object.fromEntries(Object.entries(samples).map(([name, costs]) => [name, {
    seconds: round(median(costs.map((cost) => cost.seconds))),
    cpu_seconds: round(median(costs.map((cost) => cost.cpuSeconds))),
    server_cpu_seconds: round(median(costs.map((cost) => cost.serverCpuSeconds))),
    peak_bytes: Math.max(...costs.map((cost) => cost.peakBytes)),
    peak_tree_bytes: Math.max(...costs.map((cost) => cost.peakTreeBytes)),
    ...(costs[0]?.bytes === undefined ? {} : { bytes: median(costs.map((cost) => cost.bytes ?? 0)) }),
    all_seconds: costs.map((cost) => round(cost.seconds)),
  }]));
  const ratios = Object.fromEntries(Object.entries(RATIOS).flatMap(([name, [theirs, ours]]) => {
    const [a, b] = [medians[theirs], medians[ours]];
    return a && b ? [[name, round(a.seconds / b.seconds)]] : [];
  }));
  const beside = peerRatios(Object.fromEntries(Object.entries(medians).map(([name, { seconds }]) => [name, seconds])), { full: "salvagente_full", restore: "salvagente_restore" }, facts.peer);
  const ownPeaks = Object.entries(medians).filter(([name]) => name.startsWith("salvagente")).map(([, cost]) => cost.peak_bytes);
  const lines = Object.entries(medians).map(([name, cost]) =>
    [name.padEnd(30), `${cost.seconds.toFixed(2)} s`.padStart(10), `${cost.cpu_seconds.toFixed(1)} s`.padStart(10), `${cost.server_cpu_seconds.toFixed(1)} s`.padStart(10), `${mb(cost.peak_bytes)}`.padStart(9), `${mb(cost.peak_tree_bytes)}`.padStart(9), cost.bytes === undefined ? "".padStart(10) : mb(cost.bytes).padStart(10)].join(" "));
  const head = ["".padEnd(30), "wall".padStart(10), "CPU".padStart(10), "server CPU".padStart(10), "own peak".padStart(9), "all peak".padStart(9), "stored".padStart(10)].join(" ");
  return {
    table: [`${(facts.dataBytes / 1e9).toFixed(2)} GB of rows, medians of ${facts.runs}; ${facts.machine}; MySQL ${facts.server}, Node ${facts.node}`, head, ...lines, ...Object.entries(ratios).map(([name, value]) => `${name.padEnd(30)} ${value.toFixed(2)} ×`), ...beside.lines].join("\n"),
    json: { ...ratios, ...beside.json, peak_bytes: Math.max(0, ...ownPeaks), data_bytes: facts.dataBytes, seconds: Object.fromEntries(Object.entries(medians).map(([name, cost]) => [name, cost.seconds])), details: medians, runs: facts.runs, machine: facts.machine, server: facts.server, node: facts.node },
  };
}

/** The machine that measures, for tables of results. */
export function machine(): string {
  return `${cpus().length} cores, ${cpus()[0]?.model ?? "unknown"}, ${Math.round(totalmem() / 1e9)} GB`;
}

/** Middle value; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? Number.NaN) : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
