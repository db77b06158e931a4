// Runs the end-to-end tests and reads their counts from the JSON report.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { failure, type Outcome } from './outcome.ts';
import { CHECKOUT, packageProgram } from './program.ts';

const Problem = z.object({ message: z.string().default('') });
const Test = z.object({ status: z.string(), projectName: z.string(), results: z.array(z.object({ errors: z.array(Problem) })) });
const Suite = z.object({
  specs: z.array(z.object({ title: z.string(), file: z.string(), tests: z.array(Test) })).default([]),
  get suites() {
    return z.array(Suite).default([]);
  },
});
type Suite = z.infer<typeof Suite>;

const Report = z.object({
  stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number(), skipped: z.number() }),
  suites: z.array(Suite).default([]),
  errors: z.array(Problem),
});

/** A flaky test counts as failed: it failed once. */
export async function runPlaywright(filters: string[]): Promise<Outcome> {
  const specs = specFiles().filter((path) => filters.length === 0 || filters.some((filter) => path.includes(filter)));
  if (specs.length === 0) {
    const note = filters.length > 0 ? 'no file matches the filter' : 'there is no e2e/*.spec.ts yet';
    process.stdout.write(`skipped: ${note}\n`);
    return { passed: 0, failed: 0, note };
  }
  const folder = mkdtempSync(join(tmpdir(), 'sg-playwright-'));
  const report = join(folder, 'report.json');
  try {
    const code = await packageProgram('@playwright/test/cli.js', ['test', ...specs], { env: { PLAYWRIGHT_JSON_OUTPUT_FILE: report } });
    if (!existsSync(report)) return { passed: 0, failed: 1, note: `playwright ended with code ${code} and left no report` };
    const { stats, suites, errors } = Report.parse(JSON.parse(readFileSync(report, 'utf8')));
    const failed = stats.unexpected + stats.flaky + errors.length;
    const failures = [...suites.flatMap(failuresOf), ...errors.map(({ message }) => failure('playwright', message))];
    return { passed: stats.expected, ...(failures.length > 0 ? { failures } : {}), failed: failed === 0 && code !== 0 ? 1 : failed, ...(stats.skipped > 0 ? { note: `${stats.skipped} skipped` } : {}) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function failuresOf({ specs, suites }: Suite): string[] {
  const own = specs.flatMap(({ title, file, tests }) =>
    tests
      .filter(({ status }) => status === 'unexpected' || status === 'flaky')
      .map(({ projectName, results }) => failure(`[${projectName}] ${file} > ${title}`, results.flatMap((result) => result.errors).map(({ message }) => message).join('\n'))),
  );
  return [...own, ...suites.flatMap(failuresOf)];
}

function specFiles(): string[] {
  const folder = join(CHECKOUT, 'e2e');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.spec.ts')).map((name) => join('e2e', name));
}
