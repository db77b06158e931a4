import { createHash, randomBytes } from "node:crypto";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { until } from "#worker/testing/processes.ts";
import { type Speed, STEP_MS } from "./meter.ts";
import { PacedRelay, type Steps } from "./paced-relay.ts";

/** What one reading of a socket gives at most. */
const READING = 64 * 1024;
const PATIENCE_MS = 20_000;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A server whose connections the test has in hand. */
async function newDonor(onConnection: (socket: Socket) => void): Promise<{ port: number; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as { port: number }).port, sockets };
}

async function newRelay(port: number, speed: Speed, steps?: Steps): Promise<PacedRelay> {
  const relay = await PacedRelay.open({ host: "127.0.0.1", port }, speed, steps);
  closing.push(() => relay.close());
  return relay;
}

/** A client behind the relay: what came, and whether it is over. */
function newRecipient(relay: PacedRelay) {
  const socket = createConnection({ ...relay.address });
  const seen = { bytes: 0, over: false, hash: createHash("sha256") };
  socket.on("error", () => undefined);
  socket.on("data", (piece: Buffer) => {
    seen.bytes += piece.length;
    seen.hash.update(piece);
  });
  socket.on("close", () => (seen.over = true));
  closing.push(() => socket.destroy());
  return { socket, seen };
}

/** Time that passes when the test says so. */
function byHand(): { steps: Steps; pass(count: number): void } {
  let step = (): void => undefined;
  return {
    steps: (next) => {
      step = next;
      return () => undefined;
    },
    pass: (count) => {
      for (let n = 0; n < count; n += 1) step();
    },
  };
}

const digest = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

describe("a relay to another server", { timeout: 60_000 }, () => {
  it("hands on the very bytes both ways, and their end", async () => {
    const [down, up] = [randomBytes(3_000_001), randomBytes(2_000_003)];
    const received = createHash("sha256");
    const donor = await newDonor((socket) => {
      socket.on("data", (piece: Buffer) => received.update(piece));
      socket.on("end", () => socket.end());
      socket.write(down);
    });
    const relay = await newRelay(donor.port, { bytesPerSecond: null });
    const { socket, seen } = newRecipient(relay);
    socket.write(up);
    await until("everything has come", () => seen.bytes === down.length, PATIENCE_MS);
    socket.end();
    await until("both have ended", () => seen.over && donor.sockets[0]?.destroyed === true, PATIENCE_MS);
    expect([seen.hash.digest("hex"), received.digest("hex")]).toEqual([digest(down), digest(up)]);
  });

  it("reads a step's bytes in each step, over all connections together, a trickle while held back, and goes on; all that was sent arrives", async () => {
    const sent = randomBytes(4_000_000);
    const donor = await newDonor((socket) => socket.end(sent));
    const speed = { bytesPerSecond: 20_000_000 };
    const perStep = (speed.bytesPerSecond * STEP_MS) / 1000;
    const time = byHand();
    const relay = await newRelay(donor.port, speed, time.steps);
    const recipients = [newRecipient(relay), newRecipient(relay)];
    const came = (): number => recipients.reduce((sum, { seen }) => sum + seen.bytes, 0);
    await until("both are connected", () => donor.sockets.length === 2, PATIENCE_MS);
    let steps = 1;
    for (; steps < 12; steps += 1) {
      await until(`the bytes of ${steps} steps`, () => came() >= steps * perStep, PATIENCE_MS);
      // Each connection may have had one reading under way.
      expect(came()).toBeLessThanOrEqual(steps * perStep + 2 * READING);
      time.pass(1);
    }
    await until("the last step's", () => came() >= steps * perStep, PATIENCE_MS);
    speed.bytesPerSecond = 0;
    const before = came();
    // Four seconds: what was read too much before is taken off first.
    time.pass(400);
    await until("a trickle", () => came() > before, PATIENCE_MS);
    expect(came() - before).toBeLessThanOrEqual(4 * 128 * 1024 + 3 * READING);
    speed.bytesPerSecond = 20_000_000;
    await until("the rest", () => {
      time.pass(1);
      return recipients.every(({ seen }) => seen.over);
    }, PATIENCE_MS);
    for (const { seen } of recipients) expect(seen.hash.digest("hex")).toBe(digest(sent));
  });

  it("reads no more than the recipient takes", async () => {
    const sent = Buffer.alloc(64 * 1024 * 1024);
    let written = 0;
    const donor = await newDonor((socket) => {
      const more = (): void => {
        for (let takes = true; takes && written < sent.length; written += READING) takes = socket.write(sent.subarray(written, written + READING));
      };
      socket.on("drain", more);
      more();
    });
    const relay = await newRelay(donor.port, { bytesPerSecond: null });
    const { socket, seen } = newRecipient(relay);
    socket.pause();
    const taken = (): number => written - (donor.sockets[0]?.writableLength ?? 0);
    let still = -1;
    await until("nothing moves any more", async () => {
      const last = still;
      still = taken();
      await new Promise((resolve) => setTimeout(resolve, 200));
      return taken() > 0 && taken() === still && last === still;
    }, PATIENCE_MS);
    // The rest waits with the donor; what is on its way lies in the kernel's buffers.
    expect(taken()).toBeLessThan(sent.length / 2);
    socket.resume();
    await until("all of it", () => seen.bytes === sent.length, PATIENCE_MS);
  });

  it("ends one side when the other has died, in the midst of it too, and everything when it is closed", async () => {
    const donor = await newDonor((socket) => void socket.write("hello"));
    const relay = await newRelay(donor.port, { bytesPerSecond: null });
    const [first, second, third] = [newRecipient(relay), newRecipient(relay), newRecipient(relay)];
    await until("all are connected", () => [first, second, third].every(({ seen }) => seen.bytes === 5), PATIENCE_MS);
    first.socket.resetAndDestroy();
    await until("the donor knows", () => donor.sockets.filter(({ destroyed }) => destroyed).length === 1, PATIENCE_MS);
    donor.sockets.find(({ destroyed }) => !destroyed)?.resetAndDestroy();
    await until("one recipient knows", () => [second, third].filter(({ seen }) => seen.over).length === 1, PATIENCE_MS);
    await relay.close();
    await until("all have ended", () => [second, third].every(({ seen }) => seen.over) && donor.sockets.every(({ destroyed }) => destroyed), PATIENCE_MS);
    await relay.close();
  });

  it("ends a recipient whose donor cannot be reached", async () => {
    const donor = await newDonor(() => undefined);
    closing.pop()?.();
    const relay = await newRelay(donor.port, { bytesPerSecond: null });
    const { seen } = newRecipient(relay);
    await until("it is told", () => seen.over, PATIENCE_MS);
  });
});
