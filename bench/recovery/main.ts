import { machine } from "../report.ts";
import { benchArchive } from "./archive.ts";
import { benchReplay } from "./replay.ts";
import { benchSoak } from "./soak.ts";

const KINDS = ["archive", "replay", "soak"] as const;

interface RecoveryOptions {
  /** Of load under which the lag is measured. */
  readonly seconds: number;
  /** Transactions a second of that load; absent: as many as the server takes. */
  readonly rate: number | undefined;
  readonly runs: number;
  readonly instants: number;
  readonly seed: number;
}

/** Are these words of the bench measured here? */
export function isRecovery(words: readonly string[]): boolean {
  return words.length > 0 && words.every((word) => KINDS.some((kind) => kind === word));
}

/** What brings a server back to any second: the archive, the replay, and both under kills. One object for programs, one line each for people. */
export async function benchRecovery(words: readonly string[], options: RecoveryOptions, say: (text: string) => void): Promise<{ table: string; json: Record<string, unknown> }> {
  const json: Record<string, unknown> = {};
  if (words.includes("archive")) Object.assign(json, await benchArchive(options, say));
  if (words.includes("replay")) Object.assign(json, await benchReplay(options.runs, say));
  if (words.includes("soak")) Object.assign(json, await benchSoak(options.instants, options.seed, say));
  const table = Object.entries(json).map(([name, value]) => `${name.padEnd(34)} ${String(value)}`).join("\n");
  return { table, json: { ...json, machine: machine(), node: process.version } };
}
