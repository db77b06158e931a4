// Runs one vitest project and reads its counts from the JSON report.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { failure, type Outcome } from './outcome.ts';
import { CHECKOUT, packageProgram } from './program.ts';

const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string().default(''),
      status: z.string(),
      message: z.string().default(''),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() })),
    }),
  ),
});

/** Files that do not even load count as one failure each; a crash of the runner as one. */
export async function runVitest(project: 'unit' | 'live', filters: string[]): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'sg-vitest-'));
  const report = join(folder, 'report.json');
  try {
    const args = ['run', '--project', project, '--passWithNoTests', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...filters];
    const code = await packageProgram('vitest/vitest.mjs', args);
    return countReport(report, code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Counts of a JSON report; `code` is the exit code of the runner that wrote it. */
export function countReport(file: string, code: number): Outcome {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return { passed: 0, failed: 1, note: `vitest ended with code ${code} and left no report` };
  }
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = Report.parse(JSON.parse(text));
  const unloaded = testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0).length;
  const known = numFailedTests + unloaded;
  const crashed = code !== 0 && known === 0 ? 1 : 0; // an unhandled error, a failed set-up or tear-down
  const failures = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(CHECKOUT, name);
    if (status === 'failed' && assertionResults.length === 0) return [failure(file, message)];
    return assertionResults.filter((test) => test.status === 'failed').map((test) => failure(`${file} > ${test.fullName}`, test.failureMessages?.[0] ?? ''));
  });
  const note = numPendingTests > 0 ? `${numPendingTests} skipped` : crashed ? `vitest ended with code ${code}` : undefined;
  return { passed: numPassedTests, failed: known + crashed, ...(note ? { note } : {}), ...(failures.length > 0 ? { failures } : {}) };
}
