import { expect, it } from "vitest";
import { Meter, STEP_MS } from "./meter.ts";

const RATE = 1_000_000;
const PER_STEP = (RATE * STEP_MS) / 1000;

/** Bytes that somebody reads in so many steps who takes pieces of this size while he may. */
function readIn(steps: number, meter: Meter, piece: number): number[] {
  return Array.from({ length: steps }, () => {
    let bytes = 0;
    for (; meter.open; bytes += piece) meter.take(piece);
    meter.step();
    return bytes;
  });
}

it("lets a step's bytes through in each step, and the whole rate in the long run, whatever the pieces", () => {
  for (const piece of [1, 100, 1000, 65_536]) {
    const steps = readIn(700, new Meter({ bytesPerSecond: RATE }), piece);
    expect(Math.max(...steps)).toBeLessThan(PER_STEP + piece);
    const total = steps.reduce((sum, bytes) => sum + bytes, 0);
    expect(total).toBeGreaterThanOrEqual(700 * PER_STEP - piece);
    expect(total).toBeLessThanOrEqual(700 * PER_STEP + piece);
  }
});

it("saves nothing up: after a time in which nobody read, a step is as small as any", () => {
  const meter = new Meter({ bytesPerSecond: RATE });
  for (let step = 0; step < 100; step += 1) meter.step();
  expect(readIn(3, meter, 1000)).toEqual([PER_STEP, PER_STEP, PER_STEP]);
});

it("goes by each step's speed: held back it lets a trickle pass, without a rate everything", () => {
  const speed: { bytesPerSecond: number | null } = { bytesPerSecond: null };
  const meter = new Meter(speed);
  meter.take(1e12);
  expect(meter.open).toBe(true);
  speed.bytesPerSecond = 0;
  meter.step();
  const held = readIn(1000, meter, 100).reduce((sum, bytes) => sum + bytes, 0);
  // Ten seconds.
  expect(held).toBeGreaterThanOrEqual(10 * 64 * 1024);
  expect(held).toBeLessThan(10 * 256 * 1024);
  speed.bytesPerSecond = RATE;
  meter.step();
  expect(readIn(2, meter, 1000)).toEqual([PER_STEP, PER_STEP]);
  speed.bytesPerSecond = null;
  meter.step();
  meter.take(1e12);
  expect(meter.open).toBe(true);
});
