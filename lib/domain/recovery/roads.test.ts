import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blendedRate, type RoadBase, type RoadGoal, type RoadRates, roadSeconds, STARTING_ROAD_RATES } from "./roads.ts";

const bytes = fc.integer({ min: 0, max: 1e12 });
const rate = fc.integer({ min: 1, max: 1e10 });
const rates: fc.Arbitrary<RoadRates> = fc.record({ unpack: rate, load: rate, replay: rate, dump: rate });
const base: fc.Arbitrary<RoadBase> = fc.record({ method: fc.constantFrom("dump", "clone"), bytes, replayBytes: fc.option(bytes) });
const goal: fc.Arbitrary<RoadGoal> = fc.record({ into: fc.constantFrom("instance", "server"), wantedBytes: bytes });

describe("roads to an instant", () => {
  it("never get shorter by more to read or to replay, nor longer on a faster host", () => {
    fc.assert(fc.property(base, goal, rates, bytes, (from, to, speed, more) => {
      const seconds = roadSeconds(from, to, speed);
      expect(roadSeconds({ ...from, bytes: from.bytes + more }, to, speed)).toBeGreaterThanOrEqual(seconds);
      expect(roadSeconds({ ...from, replayBytes: (from.replayBytes ?? 0) + more }, to, speed)).toBeGreaterThanOrEqual(seconds);
      const faster = { unpack: speed.unpack * 2, load: speed.load * 2, replay: speed.replay * 2, dump: speed.dump * 2 };
      expect(roadSeconds(from, to, faster)).toBeLessThanOrEqual(seconds);
    }));
  });

  it("lead to a new server from data files only", () => {
    fc.assert(fc.property(base, bytes, rates, (from, wantedBytes, speed) => {
      expect(Number.isFinite(roadSeconds(from, { into: "instance", wantedBytes }, speed))).toBe(from.method === "clone");
    }));
  });

  it("turn with the host's rates and with the length of the replay", () => {
    const to: RoadGoal = { into: "server", wantedBytes: 1e8 };
    const files = (replayBytes: number): RoadBase => ({ method: "clone", bytes: 4e9, replayBytes });
    const sql = (replayBytes: number): RoadBase => ({ method: "dump", bytes: 2e9, replayBytes });
    expect(roadSeconds(files(1e7), to, STARTING_ROAD_RATES)).toBeLessThan(roadSeconds(sql(1e7), to, STARTING_ROAD_RATES));
    expect(roadSeconds(files(1e7), to, { ...STARTING_ROAD_RATES, unpack: 1e6 })).toBeGreaterThan(roadSeconds(sql(1e7), to, STARTING_ROAD_RATES));
    expect(roadSeconds(files(5e9), to, STARTING_ROAD_RATES)).toBeGreaterThan(roadSeconds(sql(1e7), to, STARTING_ROAD_RATES));
  });

  it("are measured: the newest counts half", () => {
    expect(blendedRate(undefined, 10)).toBe(10);
    expect(blendedRate(10, 30)).toBe(20);
  });
});
