import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Redis } from 'ioredis';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { describe, expect, inject, test } from 'vitest';

const services = inject('services');

describe.each(['mysql', 'mariadb'] as const)('%s', (flavor) => {
  test('answers by TCP and by socket and writes a row-based binary log', async () => {
    const { host, port, socket, user, password } = services[flavor];
    for (const where of [{ host, port }, { socketPath: socket }]) {
      const connection = await createConnection({ ...where, user, password });
      const [rows] = await connection.query('SELECT @@log_bin AS log_bin, @@binlog_format AS format, @@port AS port');
      expect(rows).toEqual([{ log_bin: 1, format: 'ROW', port }]);
      await connection.end();
    }
  });

  test('refuses a wrong password', async () => {
    const { host, port, user } = services[flavor];
    await expect(createConnection({ host, port, user, password: 'wrong' })).rejects.toThrow(/Access denied/);
  });
});

test('PostgreSQL wants its password (scram) and is version 18', async () => {
  const { url, port } = services.postgres;
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query("SELECT current_setting('server_version_num')::int / 10000 AS major, current_setting('password_encryption') AS encryption");
  expect(rows).toEqual([{ major: 18, encryption: 'scram-sha-256' }]);
  await client.end();
  const stranger = new Client({ host: '127.0.0.1', port, user: 'salvagente', password: 'wrong', database: 'salvagente' });
  await expect(stranger.connect()).rejects.toThrow(/password authentication failed/);
});

test('Redis keeps what is queued: append-only file, no eviction, a password', async () => {
  const redis = new Redis(services.redis.url);
  expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
  expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
  redis.disconnect();
  const stranger = new Redis(services.redis.port, '127.0.0.1', { retryStrategy: () => null });
  stranger.on('error', () => {});
  await expect(stranger.get('x')).rejects.toThrow(/NOAUTH/);
  stranger.disconnect();
});

test('the S3 server checks signatures and gives back what was put', async () => {
  const { endpoint, region, accessKeyId, secretAccessKey } = services.s3;
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
  await client.send(new CreateBucketCommand({ Bucket: 'services-live-test' }));
  await client.send(new PutObjectCommand({ Bucket: 'services-live-test', Key: 'a/è 😀', Body: 'ciao' }));
  const got = await client.send(new GetObjectCommand({ Bucket: 'services-live-test', Key: 'a/è 😀' }));
  expect(await got.Body?.transformToString()).toBe('ciao');
  const stranger = new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey: 'wrong' } });
  await expect(stranger.send(new PutObjectCommand({ Bucket: 'services-live-test', Key: 'x', Body: 'x' }))).rejects.toThrow(/SignatureDoesNotMatch|Unknown/);
});
