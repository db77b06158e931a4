import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { countReport } from './vitest.ts';

const folder = mkdtempSync(join(tmpdir(), 'sg-count-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function report(content: unknown): string {
  const file = join(folder, 'report.json');
  writeFileSync(file, JSON.stringify(content));
  return file;
}

const numbers = { numPassedTests: 7, numFailedTests: 0, numPendingTests: 0, testResults: [] };

test('passed and failed tests are added as they are', () => {
  expect(countReport(report({ ...numbers, numFailedTests: 2 }), 1)).toEqual({ passed: 7, failed: 2 });
  expect(countReport(report(numbers), 0)).toEqual({ passed: 7, failed: 0 });
});

test('a file that does not load is a failure', () => {
  const testResults = [{ status: 'failed', assertionResults: [] }, { status: 'passed', assertionResults: [{}] }];
  expect(countReport(report({ ...numbers, testResults }), 1)).toEqual({ passed: 7, failed: 1 });
});

test('a runner that fails without a failed test is a failure', () => {
  expect(countReport(report(numbers), 1)).toMatchObject({ passed: 7, failed: 1 });
  expect(countReport(join(folder, 'none.json'), 139)).toMatchObject({ passed: 0, failed: 1 });
});

test('skipped tests are named, not counted', () => {
  expect(countReport(report({ ...numbers, numPendingTests: 3 }), 0)).toEqual({ passed: 7, failed: 0, note: '3 skipped' });
});
