import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChainFile } from "./chain.ts";
import { compareInstants, reachFor, recoveryWindow } from "./recovery-window.ts";
import type { RecoveryPoint } from "./starting-place.ts";
import { archivedFiles, fileName, second } from "./testing/archived-files.ts";

const UUID = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
const OTHER = "4e11fa47-71ca-11e1-9e33-c80aa9429562";
const FILES = archivedFiles(10, 10); // file n holds the seconds up to 1000 + 10 n

/** A full taken in a file, five seconds after its begin. */
const point = (number: number, options: Partial<RecoveryPoint> = {}): RecoveryPoint => ({
  id: `full-${number}`,
  takenAt: second(1000 + (number - 1) * 10 + 5),
  serverUuid: UUID,
  coordinate: { file: fileName(number), position: "500", gtidSet: `${UUID}:1-${(number - 1) * 10 + 5}` },
  ...options,
});

describe("the recovery window", () => {
  it("goes from the point to the last archived commit", () => {
    const window = recoveryWindow([point(3)], FILES);
    expect(window).toMatchObject({ bands: [{ from: second(1025), to: second(1100) }], gaps: [] });
    expect(window.reaches[0]?.files.map(({ number }) => number)).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it("ends at a hole, says why, and begins again at the next point", () => {
    const window = recoveryWindow([point(2), point(8)], FILES.toSpliced(4, 1));
    expect(window.bands).toEqual([{ from: second(1015), to: second(1040) }, { from: second(1075), to: second(1100) }]);
    expect(window.gaps).toEqual([{ from: second(1040), to: second(1075), reason: "missing-files", about: "binlog.000005" }]);
  });

  it("says that what was archived behind a hole cannot be reached without a newer point", () => {
    const window = recoveryWindow([point(2)], FILES.toSpliced(4, 1));
    expect(window.gaps).toEqual([{ from: second(1040), to: null, reason: "missing-files", about: "binlog.000005" }]);
  });

  it.each([
    ["its file is not there", point(1), FILES.slice(1)],
    ["it has no place in the log", point(3, { coordinate: null }), FILES],
    ["its place lies behind the end of the file", point(10, { coordinate: { file: fileName(10), position: "1001", gtidSet: null } }), FILES],
    ["it lacks transactions from before its file", point(5, { coordinate: { file: fileName(5), position: "500", gtidSet: `${UUID}:1-30` } }), FILES],
    ["it is of another server without common GTIDs", point(5, { serverUuid: OTHER, coordinate: { file: fileName(5), position: "500", gtidSet: `${OTHER}:1-30` } }), FILES],
  ])("is the point alone when %s", (_what, alone, files) => {
    const window = recoveryWindow([alone], files);
    expect(window.bands).toEqual([{ from: alone.takenAt, to: alone.takenAt }]);
    expect(window.reaches[0]).toMatchObject({ files: [], until: { reason: "not-archived" } });
  });

  it("tells the epochs of a server apart by the time of archiving when GTIDs are off", () => {
    const files = archivedFiles(4, 10, { gtids: false });
    const anew = archivedFiles(4, 10, { gtids: false, epoch: 1 }).map((file): ChainFile => ({ ...file, archivedAt: new Date(Date.parse(file.archivedAt) + 500_000).toISOString() }));
    const coordinate = { file: fileName(2), position: "500", gtidSet: null };
    expect(recoveryWindow([point(2, { coordinate })], [...files, ...anew]).reaches[0]?.files[0]?.epoch).toBe(0);
    expect(recoveryWindow([point(2, { coordinate, takenAt: second(1400) })], [...files, ...anew]).reaches[0]?.files[0]?.epoch).toBe(1);
  });

  it("follows a failover by GTIDs, from the file that begins with nothing new", () => {
    const replica = archivedFiles(4, 10).map((file): ChainFile => ({ ...file, serverUuid: OTHER })); // logs what it replicates, under the first server's GTIDs
    const [reach] = recoveryWindow([point(3)], replica).reaches;
    expect(reach?.files.map(({ serverUuid, number }) => [serverUuid, number])).toEqual([[OTHER, 3], [OTHER, 4]]);
    expect(recoveryWindow([point(3)], replica.slice(0, 2)).reaches[0]?.files).toEqual([]); // the replica never got the point's last transactions
  });

  it("reaches every instant of its bands from a point, and none of a gap", () => {
    const points = fc.uniqueArray(fc.integer({ min: 1, max: 10 }), { minLength: 1 }).map((numbers) => numbers.map((number) => point(number)));
    fc.assert(
      fc.property(points, fc.subarray(FILES), fc.integer({ min: 990, max: 1110 }), (taken, files, seconds) => {
        const window = recoveryWindow(taken, files);
        const instant = second(seconds);
        const inside = window.bands.some(({ from, to }) => compareInstants(from, instant) <= 0 && compareInstants(instant, to) <= 0);
        expect(reachFor(window, instant) !== undefined).toBe(inside);
        for (const { from, to } of window.gaps) expect(compareInstants(from, instant) < 0 && (to === null || compareInstants(instant, to) < 0) && inside).toBe(false);
        for (const [index, band] of window.bands.entries()) {
          const next = window.bands[index + 1];
          if (next) expect(window.gaps).toContainEqual(expect.objectContaining({ from: band.to, to: next.from }));
        }
        // What a reach promises is there: its own files, number by number.
        for (const reach of window.reaches) for (const [index, file] of reach.files.entries()) expect(file.number).toBe((reach.files[0]?.number ?? 0) + index);
      }),
    );
  });
});
