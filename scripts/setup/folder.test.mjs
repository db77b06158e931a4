import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reachableByOthers, toolsFolder } from './folder.mjs';

const USER = 1000;
const ROOT = 0;
let open;
let closed;

beforeAll(() => {
  open = mkdtempSync(join(tmpdir(), 'sg-folder-'));
  chmodSync(open, 0o755);
  closed = join(open, 'closed');
  mkdirSync(closed, { mode: 0o700 });
});
afterAll(() => rmSync(open, { recursive: true, force: true }));

describe('the tools folder', () => {
  test('is what SALVAGENTE_TOOLS says', () => {
    expect(toolsFolder({ SALVAGENTE_TOOLS: join(open, 'x') }, USER)).toBe(join(open, 'x'));
    expect(toolsFolder({ SALVAGENTE_TOOLS: join(open, 'x') }, ROOT)).toBe(join(open, 'x'));
  });

  test('is in the cache folder: XDG_CACHE_HOME before HOME', () => {
    expect(toolsFolder({ XDG_CACHE_HOME: join(open, 'c'), HOME: closed }, USER)).toBe(join(open, 'c/salvagente/tools'));
    expect(toolsFolder({ HOME: open }, ROOT)).toBe(join(open, '.cache/salvagente/tools'));
  });

  test("leaves root's closed home: servers run as nobody", () => {
    expect(toolsFolder({ HOME: closed }, USER)).toBe(join(closed, '.cache/salvagente/tools'));
    expect(toolsFolder({ HOME: closed }, ROOT)).toBe('/var/cache/salvagente/tools');
  });

  test('is refused when root chose a closed one by name', () => {
    expect(() => toolsFolder({ SALVAGENTE_TOOLS: join(closed, 'x') }, ROOT)).toThrow(/cannot be used by root/);
  });
});

test('reachable means every folder above may be entered, existing or not yet', () => {
  expect(reachableByOthers(join(open, 'not/yet'))).toBe(true);
  expect(reachableByOthers(join(closed, 'not/yet'))).toBe(false);
});
