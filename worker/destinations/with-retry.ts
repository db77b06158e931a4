import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { asFault, type Fault } from "#lib/domain/fault/fault.ts";
import type { Destination, DigestOptions, PutOptions } from "#worker/ports/destination.ts";
import { CHUNK } from "./body.ts";
import { cancelled, throwIfCancelled } from "./cancelled.ts";

export interface RetryOptions {
  /** Tries in a row without progress before the fault is thrown on. */
  readonly attempts?: number;
  /** Wait before the second try, milliseconds; doubles with every further one. */
  readonly baseMs?: number;
  readonly capMs?: number;
  /** From 0 to 1; spreads the waits of many workers. */
  readonly random?: () => number;
  readonly onRetry?: (fault: Fault, attempt: number, waitMs: number) => void;
  /** Ends every operation, those that take no signal of their own too: CANCELLED, and nothing is tried again. */
  readonly signal?: AbortSignal | undefined;
}

/** Tries of one operation in all, however much progress there was between them. */
const MOST_ATTEMPTS = 200;

/** A try that sent or read so much was worth it: the count begins anew. */
const PROGRESS_BYTES = 16 * 1024 * 1024;

/**
 * Tries again what failed with a retryable Fault, after a wait that doubles and is spread by chance (half fixed, half random). Uploads go on
 * where they were (the adapter resumes), downloads go on at the byte where they broke, listings after the last key. DESTINATION_FULL is
 * thrown on at once: seconds do not make room. `probe` and `close` are not repeated.
 */
export function withRetry(destination: Destination, options: RetryOptions = {}): Destination {
  const { attempts = 6, baseMs = 500, capMs = 30_000, random = Math.random, onRetry } = options;
  const ending = (given?: AbortSignal): AbortSignal | undefined => (given && options.signal ? AbortSignal.any([given, options.signal]) : (given ?? options.signal));

  /** Counts tries; `failed` waits, or throws what is not to be tried again. */
  const counter = (signal: AbortSignal | undefined) => {
    throwIfCancelled(signal);
    let tries = 0;
    let all = 0;
    return {
      progress: () => {
        tries = 0;
      },
      failed: async (error: unknown): Promise<void> => {
        const fault = asFault(error);
        if (signal?.aborted) throw cancelled(signal);
        tries += 1;
        all += 1;
        if (!fault.retryable || fault.code === "DESTINATION_FULL" || tries >= attempts || all >= MOST_ATTEMPTS) throw error;
        const most = Math.min(capMs, baseMs * 2 ** (tries - 1));
        const waitMs = Math.round(most / 2 + (most / 2) * random());
        onRetry?.(fault, tries, waitMs);
        await sleep(waitMs, undefined, signal ? { signal } : {}).catch(() => {
          if (signal) throw cancelled(signal);
        });
      },
    };
  };

  const repeat = async <T>(work: () => Promise<T>, given?: AbortSignal): Promise<T> => {
    const count = counter(ending(given));
    for (;;) {
      try {
        return await work();
      } catch (error) {
        await count.failed(error);
      }
    }
  };

  const digest = destination.digest?.bind(destination);
  return {
    id: destination.id,
    kind: destination.kind,
    async put(key, body, given: PutOptions = {}) {
      const count = counter(ending(given.signal));
      for (;;) {
        let sent = 0;
        try {
          return await destination.put(key, body, {
            ...given,
            onBytes: (bytes) => {
              sent += bytes;
              given.onBytes?.(bytes);
            },
          });
        } catch (error) {
          if (sent >= PROGRESS_BYTES) count.progress();
          await count.failed(error);
        }
      }
    },
    async get(key, given = {}) {
      let at = given.offset ?? 0;
      const open = () => destination.get(key, { ...given, offset: at });
      let source = await repeat(open, given.signal);
      const chunks = async function* () {
        const count = counter(ending(given.signal));
        for (;;) {
          let read = 0;
          try {
            for await (const chunk of source as AsyncIterable<Buffer>) {
              at += chunk.length;
              read += chunk.length;
              yield chunk;
            }
            return;
          } catch (error) {
            if (read >= PROGRESS_BYTES) count.progress();
            await count.failed(error);
            source = await repeat(open, given.signal);
          }
        }
      };
      return Readable.from(chunks(), { objectMode: false, highWaterMark: CHUNK });
    },
    ...(digest ? { digest: (key: string, given: DigestOptions = {}) => repeat(() => digest(key, given), given.signal) } : {}),
    stat: (key) => repeat(() => destination.stat(key)),
    async *list(prefix) {
      const count = counter(options.signal);
      let last = "";
      for (;;) {
        try {
          for await (const object of destination.list(prefix)) {
            if (object.key <= last) continue;
            last = object.key;
            count.progress();
            yield object;
          }
          return;
        } catch (error) {
          await count.failed(error);
        }
      }
    },
    remove: (key) => repeat(() => destination.remove(key)),
    space: () => repeat(() => destination.space()),
    sweep: (olderThanMs) => repeat(() => destination.sweep(olderThanMs)),
    probe: () => destination.probe(),
    close: () => destination.close(),
  };
}
