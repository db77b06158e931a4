import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Redis } from "ioredis";
import { CHANNELS } from "#lib/contract/pairing.ts";
import { checkAnswer, keyFingerprint, makeHello, newPairingCode } from "#lib/platform/pairing.ts";
import { replaceFile } from "./replace-file.ts";
import type { HostRuntime } from "./runtime.ts";

const ASK_EVERY_MS = 2000;
const CODE_LIVES_MS = 30 * 60_000;

/** The key of the console this host belongs to, base64; null before pairing. */
export function pairedConsole(stateDir: string): string | null {
  try {
    return (JSON.parse(readFileSync(join(stateDir, "console.json"), "utf8")) as { consoleKey: string }).consoleKey;
  } catch {
    return null;
  }
}

/**
 * Joins a console: shows a code on this host (`show`), says hello in the queue, waits until somebody who read the code accepts it. The answer is
 * believed only when it was made with the code. Gives the console's key and keeps it. A code lives for 30 minutes, then a new one is shown.
 */
export async function pairHost(host: HostRuntime, redis: Redis, show: (code: string, fingerprint: string) => void, signal: AbortSignal): Promise<string> {
  const { signing, box } = host.identity;
  const fingerprint = keyFingerprint(signing.publicKey, box.publicKey);
  while (!signal.aborted) {
    const code = newPairingCode();
    show(code, fingerprint);
    const until = host.clock.now() + CODE_LIVES_MS;
    const hello = makeHello({ host: host.config.host, hostname: hostname(), signingKey: signing.publicKey, boxKey: box.publicKey, now: host.clock.now() }, code);
    while (!signal.aborted && host.clock.now() < until) {
      await redis.hset(CHANNELS.pairing, host.config.host, JSON.stringify(hello));
      const consoleKey = await readAnswer(redis, fingerprint, code, host);
      if (consoleKey) {
        keep(host.config.stateDir, consoleKey);
        await redis.del(CHANNELS.pairingAnswer + fingerprint);
        return consoleKey;
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
  }
  throw signal.reason;
}

async function readAnswer(redis: Redis, fingerprint: string, code: string, host: HostRuntime): Promise<string | null> {
  const text = await redis.get(CHANNELS.pairingAnswer + fingerprint);
  if (text === null) return null;
  try {
    return checkAnswer(JSON.parse(text), code, host.config.host).consoleKey;
  } catch (error) {
    host.log.warn({ err: error }, "an answer to the pairing was not made with this code; ignored");
    await redis.del(CHANNELS.pairingAnswer + fingerprint);
    return null;
  }
}

function keep(stateDir: string, consoleKey: string): void {
  replaceFile(join(stateDir, "console.json"), JSON.stringify({ consoleKey }));
}
