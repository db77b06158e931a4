import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, inject, it, vi } from "vitest";
import { CHANNELS } from "#lib/contract/pairing.ts";
import { systemClock } from "#lib/platform/clock.ts";
import { createLog } from "#lib/platform/log.ts";
import { Secret } from "#lib/platform/secret.ts";
import { newSigningKey, verifyEvent } from "#lib/platform/signing.ts";
import { consumerConnection } from "#lib/queue/redis-connection.ts";
import { EventShipper } from "./event-shipper.ts";
import { RunJournal } from "./journal.ts";
import { markOwner } from "./run-owner.ts";

/** A database of Redis of our own: the stream has a fixed name. */
const DATABASE = 13;
const RUNS = ["20261123T020000Z-000001", "20261123T020000Z-000002"] as const;
const key = newSigningKey();
const log = createLog({ name: "test", level: "silent" });
let folder: string;
let redis: ReturnType<typeof consumerConnection>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "sg-ship-"));
  const url = new URL(inject("services").redis.url);
  url.pathname = `/${DATABASE}`;
  redis = consumerConnection(new Secret(url.href));
  await redis.ping();
  await redis.flushdb();
});
afterEach(async () => {
  await redis.flushdb();
  redis.disconnect();
  rmSync(folder, { recursive: true, force: true });
});

const newShipper = (): EventShipper => new EventShipper({ redis, folder, key, log });

function newJournal(runId: string, shipper?: EventShipper): RunJournal {
  return new RunJournal({ folder, host: "db-1", runId, clock: systemClock, listeners: shipper ? [(event) => shipper.offer(event)] : [] });
}

function say(journal: RunJournal, ...texts: string[]): void {
  for (const text of texts) journal.append({ type: "log", level: "info", text });
}

/** What arrived, as `run:seq`; every signature checked. */
async function arrived(): Promise<string[]> {
  const entries = await redis.xrange(CHANNELS.events, "-", "+");
  return entries.map(([, fields]) => {
    const event = verifyEvent(JSON.parse(fields[1] ?? ""), key.publicKey);
    return `${event.runId.slice(-1)}:${event.seq}`;
  });
}

it("sends every event once and in order, also after a restart", async () => {
  const shipper = newShipper();
  const journal = newJournal(RUNS[0], shipper);
  say(journal, "one", "two", "three");
  await vi.waitFor(async () => expect(await arrived()).toEqual(["1:1", "1:2", "1:3"]), { timeout: 10_000 });
  await shipper.flush();
  say(newJournal(RUNS[0]), "while nobody sends");
  const again = newShipper();
  await again.flush();
  await again.flush();
  expect(await arrived()).toEqual(["1:1", "1:2", "1:3", "1:4"]);
});

it("sends what the command line writes beside it, from its start to its last event", async () => {
  const shipper = newShipper();
  await shipper.flush();
  const release = markOwner(folder, RUNS[1]);
  const journal = newJournal(RUNS[1]);
  say(journal, "one");
  await shipper.flush();
  expect(await arrived()).toEqual(["2:1"]);
  say(journal, "two", "three");
  await shipper.flush();
  expect(await arrived()).toEqual(["2:1", "2:2", "2:3"]);
  say(journal, "four");
  journal.close();
  release();
  await shipper.flush();
  expect(await arrived()).toEqual(["2:1", "2:2", "2:3", "2:4"]);
});

it("goes on where it was when the connection was away", async () => {
  const shipper = newShipper();
  const journal = newJournal(RUNS[0], shipper);
  say(journal, "one");
  await shipper.flush();
  redis.disconnect();
  say(journal, "two", "three");
  await shipper.flush();
  await redis.connect();
  await vi.waitFor(async () => {
    await shipper.flush();
    expect(await arrived()).toEqual(["1:1", "1:2", "1:3"]);
  }, { timeout: 10_000 });
});
