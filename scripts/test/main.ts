// `npm test` and `npm run verify`: every check in turn, then one last line `N passed, N failed`.
//   main.ts verify              checks and unit tests, no servers
//   main.ts test [filter ...]   all of it; with a filter only the test files whose path holds it
import { checks } from './checks.ts';
import type { Outcome, Step } from './outcome.ts';
import { runPlaywright } from './playwright.ts';
import { endPrograms } from './program.ts';
import { runVitest } from './vitest.ts';

async function main(mode: string, filters: string[]): Promise<number> {
  const unit: Step = { name: 'unit tests', run: () => runVitest('unit', filters) };
  const live: Step = { name: 'live tests', run: () => runVitest('live', filters) };
  const e2e: Step = { name: 'end-to-end tests', run: () => runPlaywright(filters) };
  const steps: Step[] = mode === 'verify' ? [...checks, unit] : filters.length > 0 ? [unit, live, e2e] : [...checks, unit, live, e2e];
  const total = { passed: 0, failed: 0 };
  const lines: string[] = [];
  const failures: string[] = [];
  for (const { name, run } of steps) {
    process.stdout.write(`\n── ${name}\n`);
    const started = Date.now();
    const outcome = await run().catch((error: unknown): Outcome => ({ passed: 0, failed: 1, note: error instanceof Error ? (error.stack ?? error.message) : String(error) }));
    total.passed += outcome.passed;
    total.failed += outcome.failed;
    failures.push(...(outcome.failures ?? []));
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    lines.push(`${outcome.failed > 0 ? 'FAILED' : 'ok    '} ${name.padEnd(18)} ${String(outcome.passed).padStart(5)} passed ${String(outcome.failed).padStart(4)} failed ${seconds.padStart(7)} s${outcome.note ? `  ${outcome.note}` : ''}`);
  }
  if (total.passed + total.failed === 0) {
    total.failed = 1;
    lines.push(`FAILED no test matches ${filters.join(' ')}`);
  }
  if (failures.length > 0) process.stdout.write(`\n── what failed\n${failures.join('\n')}\n`);
  process.stdout.write(`\n${lines.join('\n')}\n${total.passed} passed, ${total.failed} failed\n`);
  return total.failed > 0 ? 1 : 0;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    void endPrograms(signal).then(() => process.exit(1));
  });
}

const [mode = 'test', ...filters] = process.argv.slice(2);
process.exitCode = await main(mode, filters);
