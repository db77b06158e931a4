import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { CHECKOUT } from './program.ts';
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
  const testResults = [{ name: join(CHECKOUT, 'a.test.ts'), status: 'failed', message: 'no such module', assertionResults: [] }, { status: 'passed', assertionResults: [{ fullName: 'x', status: 'passed' }] }];
  expect(countReport(report({ ...numbers, testResults }), 1)).toMatchObject({ passed: 7, failed: 1, failures: ['a.test.ts\n    no such module'] });
});

test('each failed test is named with the first lines of its fault', () => {
  const failed = { fullName: 'suite > one', status: 'failed', failureMessages: ['\u001b[31mexpected 1\u001b[39m\n\nto be 2'] };
  const testResults = [{ name: join(CHECKOUT, 'lib/a.test.ts'), status: 'failed', assertionResults: [failed, { fullName: 'two', status: 'passed', failureMessages: [] }] }];
  expect(countReport(report({ ...numbers, numFailedTests: 1, testResults }), 1).failures).toEqual(['lib/a.test.ts > suite > one\n    expected 1\n    to be 2']);
});

test('a runner that fails without a failed test is a failure', () => {
  expect(countReport(report(numbers), 1)).toMatchObject({ passed: 7, failed: 1 });
  expect(countReport(join(folder, 'none.json'), 139)).toMatchObject({ passed: 0, failed: 1 });
});

test('skipped tests are named, not counted', () => {
  expect(countReport(report({ ...numbers, numPendingTests: 3 }), 0)).toEqual({ passed: 7, failed: 0, note: '3 skipped' });
});
