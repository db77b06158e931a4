import type { Redis } from "ioredis";
import { CHANNELS } from "#lib/contract/pairing.ts";

/** Consumer group and the one consumer in it: what it took and did not confirm is given to it again after a crash. */
const GROUP = "controller";
const CONSUMER = "controller";
/** Entries that could not be recorded, kept for a person to look at; the newest thousand. */
const REFUSED = `${CHANNELS.events}:refused`;

export interface StreamEntry {
  readonly id: string;
  /** JSON text of an EventEnvelope, by contract; anything, in fact. */
  readonly text: string;
}

/** Makes stream and group when they are missing; from the beginning, so that nothing sent before is skipped. */
export async function ensureGroup(redis: Redis): Promise<void> {
  try {
    await redis.xgroup("CREATE", CHANNELS.events, GROUP, "0", "MKSTREAM");
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith("BUSYGROUP"))) throw error;
  }
}

/** Entries taken before and not confirmed: after a crash or a failed write. Does not wait. */
export async function readUnconfirmed(redis: Redis, count: number): Promise<StreamEntry[]> {
  return entriesOf(await redis.xreadgroup("GROUP", GROUP, CONSUMER, "COUNT", count, "STREAMS", CHANNELS.events, "0"));
}

/** New entries; waits up to `blockMs` for the first. */
export async function readNew(redis: Redis, count: number, blockMs: number): Promise<StreamEntry[]> {
  return entriesOf(await redis.xreadgroup("GROUP", GROUP, CONSUMER, "COUNT", count, "BLOCK", blockMs, "STREAMS", CHANNELS.events, ">"));
}

/** Takes recorded entries out of the stream. Call after the commit. */
export async function confirm(redis: Redis, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await redis.multi().xack(CHANNELS.events, GROUP, ...ids).xdel(CHANNELS.events, ...ids).exec();
}

/** Puts an entry aside with the reason, and confirms it. */
export async function setAside(redis: Redis, entry: StreamEntry, reason: string): Promise<void> {
  await redis.multi().xadd(REFUSED, "MAXLEN", "~", 1000, "*", "e", entry.text, "reason", reason).xack(CHANNELS.events, GROUP, entry.id).xdel(CHANNELS.events, entry.id).exec();
}

/** Reply: `[[stream, [[id, [field, value, …]], …]]]`, or null. A deleted entry that is still pending comes without fields. */
function entriesOf(reply: unknown): StreamEntry[] {
  if (!Array.isArray(reply)) return [];
  const streams = reply as [string, [string, string[] | null][]][];
  return streams.flatMap(([, entries]) => entries.map(([id, fields]) => ({ id, text: fields?.[fields.indexOf("e") + 1] ?? "" })));
}
