import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { toolPaths } from '#scripts/setup/tools.ts';
import { type RunningServer, asUser, giveToServer, launch } from './launch.ts';
import { withFreePort } from './place.ts';

export type RunningS3 = RunningServer & {
  /** `http://127.0.0.1:port`; path-style addressing. */
  endpoint: string;
  port: number;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** What a destination on this server must set besides endpoint and keys (see startS3 for why). */
  destinationSettings: { forcePathStyle: true; findUploads: false; partBytes: number };
  /** Creates a bucket (3–63 characters, lower case) and returns its name. */
  createBucket(name: string): Promise<string>;
};

const REGION = 'us-east-1';
const USER = 'salvagente';

/**
 * Starts Ceph's own S3 server: objects as plain files (its `posix` filter), users and buckets in SQLite. It checks SigV4
 * signatures, `If-None-Match`, ranges and multipart, and goes on after kill -9. It does not refuse a wrong x-amz-checksum-*,
 * does not lock objects, ends with a crash when asked for the parts of an unfinished upload (ListParts), and takes no
 * multipart uploads of keys with a dot: a destination on it wants `findUploads: false` and parts larger than any artifact.
 * Never without the filter: the SQLite store gives back wrong bytes for ranges and for multipart objects (Ceph 20.2.4).
 * @param dataDir made when missing, kept after stop; its path must be short and without spaces
 */
export function startS3(options: { dataDir: string; port?: number }): Promise<RunningS3> {
  const { dataDir } = options;
  const store = join(dataDir, 'store');
  for (const folder of [dataDir, store, join(store, 'objects'), join(store, 'listings')]) {
    mkdirSync(folder, { recursive: true });
    giveToServer(folder);
  }
  const { radosgw, radosgwAdmin } = toolPaths().s3;
  const start = async (port: number): Promise<RunningS3> => {
    const conf = writeConfiguration(dataDir, store, port);
    const keys = ensureUser(radosgwAdmin, conf);
    const endpoint = `http://127.0.0.1:${port}`;
    const server = await launch({
      title: 'the S3 server',
      file: radosgw,
      args: ['-c', conf, '--no-mon-config', '-n', 'client.rgw', '-f'],
      cwd: dataDir,
      logFile: join(dataDir, 's3.log'),
      ready: async () => (await fetch(endpoint, { signal: AbortSignal.timeout(2000) })).ok,
    });
    const createBucket = async (name: string) => {
      const client = new S3Client({ endpoint, region: REGION, forcePathStyle: true, credentials: keys });
      try {
        await client.send(new CreateBucketCommand({ Bucket: name }));
      } finally {
        client.destroy();
      }
      return name;
    };
    return { ...server, ...keys, endpoint, port, region: REGION, destinationSettings: { forcePathStyle: true, findUploads: false, partBytes: 5 * 1024 ** 3 }, createBucket };
  };
  return options.port === undefined ? withFreePort(start) : start(options.port);
}

function writeConfiguration(dataDir: string, store: string, port: number): string {
  const { libraries } = toolPaths().s3;
  const file = join(dataDir, 'ceph.conf');
  writeFileSync(
    file,
    `[global]
fsid = ${randomUUID()}
mon host = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
rgw backend store = dbstore
rgw filter = posix
rgw posix base path = ${join(store, 'objects')}
rgw posix database root = ${join(store, 'listings')}
rgw config store = dbstore
dbstore db dir = ${store}
dbstore config uri = file:${join(store, 'config.db')}
rgw data = ${dataDir}
run dir = ${dataDir}
admin socket =
log file =
log to stderr = true
err to stderr = true
debug rgw = 0
plugin dir = ${libraries}
erasure code dir = ${join(libraries, 'erasure-code')}
rgw frontends = beast endpoint=127.0.0.1:${port}
`,
  );
  giveToServer(file);
  return file;
}

/** The one user; the server makes its keys, so none passes through argv. */
function ensureUser(radosgwAdmin: string, conf: string): { accessKeyId: string; secretAccessKey: string } {
  const admin = (...args: string[]) => spawnSync('setpriv', [...asUser(), '--no-new-privs', '--', radosgwAdmin, '-c', conf, '--no-mon-config', ...args], { cwd: '/', encoding: 'utf8', timeout: 60_000 });
  let answer = admin('user', 'info', `--uid=${USER}`);
  if (answer.status !== 0) answer = admin('user', 'create', `--uid=${USER}`, `--display-name=${USER}`);
  if (answer.status !== 0) throw new Error(`the S3 server's user could not be made: ${answer.stderr}`);
  const user: unknown = JSON.parse(answer.stdout.slice(answer.stdout.indexOf('{')));
  const keys = typeof user === 'object' && user !== null && 'keys' in user && Array.isArray(user.keys) ? user.keys : [];
  return { accessKeyId: String(keys[0]?.access_key), secretAccessKey: String(keys[0]?.secret_key) };
}
