// Free ports and short-lived folders of servers, and the sweeping of what a killed run left behind.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { giveToServer } from './launch.ts';

const PREFIX = 'sg-';
const OWNER = '.owner';

/** A port on 127.0.0.1 that nobody listens on right now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      if (address === null || typeof address === 'string') return reject(new Error('no port'));
      probe.close(() => resolve(address.port));
    });
  });
}

/** Another port was taken between picking and binding: start again with a fresh one, three times at most. */
export async function withFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (tried === 3 || !/in use|bind|EADDRINUSE/i.test(String(error))) throw error;
    }
  }
}

/**
 * A new folder with a short path (unix sockets allow 107 bytes) that the server's user owns. It says which process made
 * it: a later run removes it when that process is gone.
 */
export function temporaryFolder(name: string): string {
  const path = mkdtempSync(join(shortTmp(), `${PREFIX}${name}-`));
  writeFileSync(join(path, OWNER), `${process.pid} ${startOf(process.pid)}`);
  giveToServer(path);
  return path;
}

/** Removes temporary folders of processes that no longer run. */
export function sweepTemporaryFolders(): void {
  for (const name of readdirSync(shortTmp())) {
    const path = join(shortTmp(), name);
    if (!name.startsWith(PREFIX) || !existsSync(join(path, OWNER))) continue;
    try {
      if (process.getuid?.() !== 0 && statSync(path).uid !== process.getuid?.()) continue;
      const [pid, started] = readFileSync(join(path, OWNER), 'utf8').split(' ');
      if (startOf(Number(pid)) !== started) rmSync(path, { recursive: true, force: true });
    } catch {
      // another run sweeps at the same moment, or it is not ours
    }
  }
}

/** A password of 24 url-safe characters. */
export function newPassword(): string {
  return randomBytes(18).toString('base64url');
}

function shortTmp(): string {
  const usual = tmpdir();
  return usual.length > 40 ? '/tmp' : usual;
}

/** Start time of a process in clock ticks (proc(5), field 22): tells a pid from its later namesake. Empty when gone. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
