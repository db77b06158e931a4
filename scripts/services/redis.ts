import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { toolPaths } from '#scripts/setup/tools.ts';
import { type RunningServer, giveToServer, launch } from './launch.ts';
import { newPassword, withFreePort } from './place.ts';

export type RunningRedis = RunningServer & { url: string; port: number; password: string };

/**
 * Starts a Redis as the queue wants it: append-only file, noeviction, a password, loopback only.
 * @param dataDir made when missing, kept after stop
 */
export function startRedis(options: { dataDir: string; port?: number; password?: string }): Promise<RunningRedis> {
  const { dataDir, password = newPassword() } = options;
  mkdirSync(dataDir, { recursive: true });
  giveToServer(dataDir);
  const start = async (port: number): Promise<RunningRedis> => {
    // The configuration goes in by stdin: no password in argv or in a file.
    const input = `bind 127.0.0.1
port ${port}
dir "${dataDir}"
appendonly yes
maxmemory-policy noeviction
requirepass "${password}"
daemonize no
save ""
`;
    const server = await launch({
      title: 'Redis',
      file: toolPaths().redisServer,
      args: ['-'],
      input,
      logFile: join(dataDir, 'redis.log'),
      cwd: dataDir,
      ready: () => answers(port, password),
    });
    return { ...server, port, password, url: `redis://:${encodeURIComponent(password)}@127.0.0.1:${port}/0` };
  };
  return options.port === undefined ? withFreePort(start) : start(options.port);
}

async function answers(port: number, password: string): Promise<boolean> {
  const client = new Redis({ host: '127.0.0.1', port, password, lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } finally {
    client.disconnect();
  }
}
