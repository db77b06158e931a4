import { compareInstants } from "./recovery-window.ts";

/** The server's clock went back between two transactions that follow each other in the log: commit times `from` and then `to`, microseconds since 1970 as decimal text. */
export interface ClockStepBack {
  readonly from: string;
  readonly to: string;
  readonly file: string;
  /** Where the second of them begins, if that is known; else somewhere in the file. */
  readonly start: number | null;
}

/** Less is no step of a clock: sessions overtake each other, and MariaDB writes the second in which a statement began. */
const LEAST_STEP = 2_000_000n;

/** Files in the order of the log, as their descriptions tell of them. */
interface TimedFile {
  readonly serverUuid: string;
  readonly epoch: number;
  readonly file: string;
  readonly content: { readonly firstCommitAt: string | null; readonly lastCommitAt: string | null; readonly latestCommitAt: string | null };
}

/** Is the way back long enough to be a step of the clock? */
export function isStep(from: string, to: string): boolean {
  return BigInt(from) - BigInt(to) >= LEAST_STEP;
}

/** Steps between a file and the next one of its epoch. */
export function stepsBetween(files: readonly TimedFile[]): ClockStepBack[] {
  const steps: ClockStepBack[] = [];
  const last = new Map<string, string>();
  for (const { serverUuid, epoch, file, content } of files) {
    const log = `${serverUuid} ${epoch}`;
    const before = last.get(log);
    const { firstCommitAt: to, lastCommitAt } = content;
    if (before !== undefined && to !== null && isStep(before, to)) steps.push({ from: before, to, file, start: null });
    if (lastCommitAt !== null) last.set(log, lastCommitAt);
  }
  return steps;
}

/** What descriptions alone tell: steps between files, and within those that end earlier than they once were. Oldest file first. */
export function stepsOf(files: readonly TimedFile[]): ClockStepBack[] {
  const within = files.flatMap(({ file, content: { lastCommitAt: to, latestCommitAt: from } }) => (from !== null && to !== null && isStep(from, to) ? [{ from, to, file, start: null }] : []));
  return [...stepsBetween(files), ...within].sort((one, other) => compareInstants(one.from, other.from));
}
