import { type PeerFacts, peerRatios } from "./peer-ratios.ts";
import { median } from "./report.ts";
import type { WriteLatency } from "./write-latency.ts";

/** Seconds of every run by what was measured. */
export interface Measured {
  readonly seconds: Record<string, number[]>;
  readonly latencies: readonly WriteLatency[];
  readonly gentle?: GentleFull;
}

/** A physical full of a policy that names a rate. */
export interface GentleFull {
  readonly latency: WriteLatency;
  readonly seconds: number;
  readonly bytesPerSecond: number;
}

export interface PhysicalFacts {
  /** Bytes. */
  readonly rows: number;
  readonly server: string;
  readonly machine: string;
  readonly runs: number;
  readonly peer: PeerFacts;
}

/** Medians and ratios, as a table for people and one object for programs. A ratio of what was not asked for is left out. */
export function physicalReport({ seconds, latencies, gentle }: Measured, { rows, server, machine, runs, peer }: PhysicalFacts): { table: string; json: Record<string, unknown> } {
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
    ...(gentle ? { write_p99_gentle_ratio: Math.round((gentle.latency.during / gentle.latency.normal) * 1000) / 1000 } : {}),
  };
  const known = Object.fromEntries(Object.entries(ratios).filter(([, value]) => !Number.isNaN(value)));
  const beside = peerRatios(medians, { full: "logical_full", restore: "logical_restore" }, peer);
  const table = [
    `${(rows / 1e9).toFixed(2)} GB of rows, medians of ${runs} (restores through SQL: one run); ${machine}; MySQL ${server}`,
    ...Object.entries(medians).map(([name, value]) => `${name.padEnd(30)} ${value.toFixed(2).padStart(9)} s`),
    ...Object.entries(p99).map(([name, value]) => `${`write p99, ${name}`.padEnd(30)} ${value.toFixed(1).padStart(9)} ms`),
    ...(gentle ? [`${"gentle full".padEnd(30)} ${gentle.seconds.toFixed(2).padStart(9)} s at ${gentle.bytesPerSecond / 1e6} MB/s; write p99 ${gentle.latency.during.toFixed(1)} ms, before it ${gentle.latency.normal.toFixed(1)} ms`] : []),
    ...Object.entries(known).map(([name, value]) => `${name.padEnd(30)} ${value.toFixed(2).padStart(9)} ×`),
    ...beside.lines,
  ].join("\n");
  return { table, json: { ...known, ...beside.json, seconds: medians, all_seconds: seconds, write_p99_ms: p99, ...(gentle ? { gentle_full: { seconds: gentle.seconds, bytes_per_second: gentle.bytesPerSecond, write_p99_ms: gentle.latency } } : {}), data_bytes: rows, runs, machine, server } };
}
