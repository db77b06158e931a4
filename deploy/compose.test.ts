import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { workerConfig } from '#lib/contract/config/worker.ts';
import { loadConfig } from '#worker/host/load-config.ts';

interface Service {
  readonly image?: string;
  readonly build?: { readonly dockerfile: string; readonly target?: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly healthcheck?: object;
}

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const compose = parse(read('docker-compose.yml'), { merge: true }) as { readonly services: Readonly<Record<string, Service>>; readonly secrets: object; readonly networks: object; readonly volumes: object };
const services = Object.entries(compose.services);
/** Name, then a version with at least two numbers: no `latest`, no floating major. */
const PINNED = /^[a-z0-9./-]+:\d+\.\d+[\w.-]*$/;

describe('docker-compose.yml', () => {
  it('is valid by the schema of the Compose Specification (compose-spec/compose-spec 170098b, Apache-2.0)', () => {
    // The schema names its draft with https, which no validator knows; durations and ports are its own formats.
    const { $schema: _draft, ...schema } = JSON.parse(read('deploy/docker/compose-spec.schema.json')) as Record<string, unknown>;
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
    const isValid = ajv.compile(schema);
    expect([isValid(compose), isValid.errors]).toEqual([true, null]);
    expect(isValid({ services: { x: { imagee: 'a' } } })).toBe(false);
  });

  it('pins every image', () => {
    for (const [name, { image }] of services) expect(image, name).toMatch(PINNED);
    for (const file of ['console', 'worker']) {
      const stages: string[] = [];
      for (const [, from = '', stage] of read(`deploy/docker/${file}.Dockerfile`).matchAll(/^FROM (\S+)(?: AS (\S+))?$/gm)) {
        if (!stages.includes(from)) expect(from).toMatch(PINNED);
        if (stage) stages.push(stage);
      }
    }
  });

  it('names only what exists: secrets, networks, volumes, files, build targets, services', () => {
    for (const [name, service] of services) {
      for (const secret of service.secrets ?? []) expect(Object.keys(compose.secrets), name).toContain(secret);
      for (const network of service.networks ?? []) expect(Object.keys(compose.networks), name).toContain(network);
      for (const other of Object.keys(service.depends_on ?? {})) expect(Object.keys(compose.services), name).toContain(other);
      for (const [source = ''] of (service.volumes ?? []).map((volume) => volume.split(':'))) {
        if (source.startsWith('.')) expect(existsSync(join(ROOT, source)), source).toBe(true);
        else expect(Object.keys(compose.volumes), name).toContain(source);
      }
      if (service.build) expect(read(service.build.dockerfile)).toMatch(service.build.target ? new RegExp(`^FROM \\S+ AS ${service.build.target}$`, 'm') : /^FROM /m);
    }
  });

  it('keeps secrets in files, and makes each of them', () => {
    const script = read('deploy/docker/make-secrets.sh');
    for (const name of Object.keys(compose.secrets)) expect(script).toContain(`keep ${name} `);
    for (const [name, { environment = {} }] of services) {
      for (const [variable, value] of Object.entries(environment)) if (/PASSWORD|SECRET|DATABASE_URL|REDIS_URL/.test(variable)) expect([name, value]).toEqual([name, expect.stringMatching(/^\/run\/secrets\//)]);
    }
  });

  it('watches the health of everything that answers', () => {
    expect(services.filter(([, { healthcheck }]) => !healthcheck).map(([name]) => name)).toEqual(['migrate', 'controller']);
  });

  it('copies into the images what the checkout has', () => {
    for (const file of ['console', 'worker']) {
      for (const [, source = ''] of read(`deploy/docker/${file}.Dockerfile`).matchAll(/^COPY (?:--from=build \/app\/)?([a-z][\w/.-]*)/gm)) {
        if (source !== 'node_modules') expect(existsSync(join(ROOT, source)), source).toBe(true);
      }
    }
  });
});

describe('worker.yaml', () => {
  it.each(['deploy/worker.example.yaml', 'deploy/docker/worker.yaml'])('%s is taken by the worker', (path) => {
    expect(loadConfig(join(ROOT, path)).host).toMatch(/host/);
  });

  it('the smallest file of docs/worker-yaml.md is taken too', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sg-smallest-'));
    try {
      writeFileSync(join(folder, 'worker.yaml'), /```yaml\n([\s\S]+?)```/.exec(read('docs/worker-yaml.md'))?.[1] ?? '');
      expect(loadConfig(join(folder, 'worker.yaml')).policies[0]).toMatchObject({ name: 'nightly', compression: { codec: 'zstd' } });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('the example shows every key, and every policy, destination and key that it names exists', () => {
    const example = loadConfig(join(ROOT, 'deploy/worker.example.yaml'));
    const text = read('deploy/worker.example.yaml');
    for (const key of Object.keys(workerConfig.shape)) expect(text).toMatch(new RegExp(`^${key}:`, 'm'));
    for (const section of ['servers', 'policies', 'schedules'] as const) {
      const shape = workerConfig.shape[section].def.innerType.element.shape;
      for (const key of Object.keys(shape)) if (key !== 'flavor' && key !== 'host') expect(text, `${section}.${key}`).toMatch(new RegExp(`[\\s{]${key}:`));
    }
    const names = (items: readonly { readonly name: string }[]): string[] => items.map(({ name }) => name);
    for (const policy of example.policies) {
      expect(names(example.servers)).toContain(policy.server);
      expect(names(example.destinations)).toEqual(expect.arrayContaining(policy.destinations));
      expect(names(example.keys)).toEqual(expect.arrayContaining(policy.recipients));
    }
    for (const schedule of example.schedules) expect(names(example.policies)).toContain(schedule.policy);
  });
});
