import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
/** Where the units expect the checkout. */
const INSTALLED = '/opt/salvagente/';

/** Lines of a unit as `key → values`, sections left out (no key stands in two of them). */
function unit(name: string): Map<string, string[]> {
  const lines = readFileSync(join(import.meta.dirname, `salvagente-${name}.service`), 'utf8').split('\n');
  const values = new Map<string, string[]>();
  for (const [, key = '', value = ''] of lines.map((line) => /^([A-Za-z]+)=(.*)$/.exec(line) ?? [])) values.set(key, [...(values.get(key) ?? []), value]);
  return values;
}

const HARDENED: Readonly<Record<string, string>> = {
  NoNewPrivileges: 'true', ProtectSystem: 'strict', ProtectHome: 'true', PrivateTmp: 'true', PrivateDevices: 'true', CapabilityBoundingSet: '',
  RestrictSUIDSGID: 'true', RestrictNamespaces: 'true', LockPersonality: 'true', ProtectKernelTunables: 'true', ProtectKernelModules: 'true',
  ProtectControlGroups: 'true', SystemCallArchitectures: 'native', SystemCallFilter: '@system-service', UMask: '0077', LimitCORE: '0',
};

describe.each(['worker', 'console', 'controller'])('salvagente-%s.service', (name) => {
  const lines = unit(name);
  const one = (key: string): string | undefined => lines.get(key)?.[0];

  it('watches node itself, restarts it, and lets no child outlive it', () => {
    expect(one('ExecStart')).toMatch(/^\/opt\/salvagente\/node_modules\/\.bin\/node /);
    expect(one('Type')).toBe('exec');
    expect(one('Restart')).toBe('on-failure');
    expect(one('KillMode')).toBe('mixed');
  });

  it('is hardened, and is not root', () => {
    for (const [key, value] of Object.entries(HARDENED)) expect([key, one(key)]).toEqual([key, value]);
    expect(one('User')).toMatch(/^salvagente/);
    // V8 compiles at run time.
    expect(lines.has('MemoryDenyWriteExecute')).toBe(false);
  });

  it('starts files that exist', () => {
    const scripts = [...(lines.get('ExecStart') ?? []), ...(lines.get('ExecStartPre') ?? [])].flatMap((command) => command.split(' ').filter((word) => word.endsWith('.ts')));
    for (const script of scripts) expect(existsSync(join(ROOT, script)), script).toBe(true);
    expect(scripts.length + (name === 'console' ? 1 : 0)).toBeGreaterThan(0);
    for (const path of lines.get('Documentation') ?? []) expect(existsSync(join(ROOT, path.replace(`file://${INSTALLED}`, ''))), path).toBe(true);
  });

  it('shows no secret in its environment', () => {
    for (const assignment of lines.get('Environment') ?? []) expect(assignment).not.toMatch(/(?:PASSWORD|SECRET|_URL)=\S*:\/\/[^ ]*@/);
  });
});

it('a backup by timer is the same process under the same rules, and may take its time', () => {
  const backup = unit('backup@');
  for (const [key, value] of Object.entries(HARDENED)) expect([key, backup.get(key)?.[0]]).toEqual([key, value]);
  for (const key of ['User', 'ReadWritePaths', 'KillMode']) expect(backup.get(key)).toEqual(unit('worker').get(key));
  expect(backup.get('TimeoutStartSec')).toEqual(['infinity']);
  expect(backup.get('ExecStart')).toEqual(['/opt/salvagente/bin/salvagente backup full --policy %i']);
});

it('the worker writes where it keeps state and copies, and nowhere else', () => {
  expect(unit('worker').get('ReadWritePaths')).toEqual(['/var/lib/salvagente -/var/backups/salvagente']);
});
