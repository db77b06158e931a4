import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { debianMirror } from './mirror.mjs';

const made = [];

function etcApt(files) {
  const folder = mkdtempSync(join(tmpdir(), 'sg-apt-'));
  made.push(folder);
  mkdirSync(join(folder, 'sources.list.d'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const DEB822 = `Types: deb
# an old address: http://old.example/debian
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
`;

test.each([
  ['deb822 style', { 'sources.list.d/debian.sources': DEB822 }, 'http://mirror.example/debian'],
  ['one-line style with options', { 'sources.list': '# deb http://no.example/debian x main\ndeb [arch=amd64 signed-by=/k] https://m.example/debian/ bookworm main\n' }, 'https://m.example/debian/'],
  ['security comes first', { 'sources.list': 'deb http://s.example/debian-security bookworm-security main\ndeb http://s.example/debian bookworm main\n' }, 'http://s.example/debian'],
  ['a disabled stanza counts for nothing', { 'sources.list.d/a.sources': `Enabled: no\n${DEB822.split('\n\n')[0]}\n`, 'sources.list': 'deb http://on.example/debian bookworm main\n' }, 'http://on.example/debian'],
  ['sources of others are no Debian archive', { 'sources.list.d/x.list': 'deb https://packages.example/apt x main\n' }, 'http://deb.debian.org/debian'],
  ['nothing is configured', {}, 'http://deb.debian.org/debian'],
])('%s', (_name, files, expected) => {
  expect(debianMirror(etcApt(files), {})).toBe(expected);
});

test('DEBIAN_MIRROR overrules', () => {
  expect(debianMirror(etcApt({ 'sources.list.d/debian.sources': DEB822 }), { DEBIAN_MIRROR: 'http://mine.example/d' })).toBe('http://mine.example/d');
});
