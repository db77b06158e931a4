import { describe, expect, it } from "vitest";
import { CalmServer } from "./calm-server.ts";

/** A server that has written so much, at that moment. */
function scene(): { calm: CalmServer; at(ms: number, bytes: number | Error): Promise<boolean>; asked(): number } {
  let [now, written, asked] = [0, 0 as number | Error, 0];
  const calm = new CalmServer(async () => {
    asked += 1;
    if (written instanceof Error) throw written;
    return written;
  }, () => now);
  return {
    calm,
    at(ms, bytes) {
      [now, written] = [ms, bytes];
      return calm.isCalm();
    },
    asked: () => asked,
  };
}

describe("whether anybody writes to a server", () => {
  it("is not known before a second has been seen, and is told by what was written a second", async () => {
    const { at } = scene();
    expect(await at(0, 1_000_000)).toBe(false);
    expect(await at(999, 1_000_000)).toBe(false);
    expect(await at(1_000, 1_008_192)).toBe(true);
    expect(await at(2_000, 1_016_385)).toBe(false);
    expect(await at(6_000, 1_016_385 + 4 * 8_192)).toBe(true);
  });

  it("is asked once a second, however many want to know", async () => {
    const { calm, at, asked } = scene();
    await at(0, 0);
    await Promise.all([at(1_000, 0), calm.isCalm(), calm.isCalm()]);
    expect(await calm.isCalm()).toBe(true);
    expect(asked()).toBe(2);
  });

  it("is taken for busy where it cannot be asked, does not tell, or was started anew", async () => {
    const { at } = scene();
    await at(0, 500);
    expect(await at(1_000, new Error("gone"))).toBe(false);
    expect(await at(2_000, 500)).toBe(false);
    expect(await at(3_000, 500)).toBe(true);
    expect(await at(4_000, Number.NaN)).toBe(false);
    expect(await at(5_000, 500)).toBe(false);
    expect(await at(6_000, 100)).toBe(false);
    expect(await at(7_000, 100)).toBe(true);
  });
});
