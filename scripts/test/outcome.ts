import { stripVTControlCharacters } from 'node:util';

/** What one step of `npm test` found; a step that could not do its work counts as one failure, never as nothing. */
export type Outcome = { passed: number; failed: number; note?: string; /** Each failure by name with its first lines, see `failure`. */ failures?: string[] };

export type Step = { name: string; run(): Promise<Outcome> };

const LINES = 6;

/** One failure as it is told at the very end, where a log that keeps only its last lines still shows it. */
export function failure(name: string, message: string): string {
  const lines = stripVTControlCharacters(message).split('\n').filter((line) => line.trim() !== '').slice(0, LINES);
  return [name, ...lines.map((line) => `    ${line.slice(0, 300)}`)].join('\n');
}
