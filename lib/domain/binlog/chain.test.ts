import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChainFile, chain } from "./chain.ts";
import { archivedFiles, fileName } from "./testing/archived-files.ts";

const OTHER = "4e11fa47-71ca-11e1-9e33-c80aa9429562";
const changed = (file: ChainFile | undefined, content: Partial<ChainFile["content"]>): ChainFile => ({ ...(file as ChainFile), content: { ...(file as ChainFile).content, ...content } });
const breaks = (files: readonly ChainFile[]): string[] => chain(files).flatMap((timeline) => timeline.breaks.map(({ after, reason, about }) => `${after.file} ${reason} ${about}`));

describe("the chain of archived files", () => {
  it.each([true, false])("is one stretch when nothing is missing, whatever the order they come in (GTIDs: %s)", (gtids) => {
    fc.assert(
      fc.property(fc.shuffledSubarray(archivedFiles(8, 5, { gtids }), { minLength: 8 }), (files) => {
        const [timeline, ...others] = chain(files);
        expect(others).toEqual([]);
        expect(timeline?.breaks).toEqual([]);
        expect(timeline?.stretches.map((stretch) => stretch.map(({ number }) => number))).toEqual([[1, 2, 3, 4, 5, 6, 7, 8]]);
      }),
    );
  });

  it.each([true, false])("breaks exactly where files are missing (GTIDs: %s)", (gtids) => {
    fc.assert(
      fc.property(fc.subarray(archivedFiles(10, 3, { gtids }), { minLength: 1 }), (files) => {
        const [timeline] = chain(files);
        const numbers = files.map(({ number }) => number);
        const holes = numbers.filter((number, index) => index > 0 && number !== (numbers[index - 1] as number) + 1);
        expect(timeline?.breaks.map(({ before, reason }) => [before.number, reason])).toEqual(holes.map((number) => [number, "missing-files"]));
        expect(timeline?.stretches.flat()).toEqual(files);
        expect(timeline?.stretches).toHaveLength(holes.length + 1);
      }),
    );
  });

  it("names what is missing", () => {
    const files = archivedFiles(6, 2);
    expect(breaks(files.toSpliced(1, 1))).toEqual(["binlog.000001 missing-files binlog.000002"]);
    expect(breaks(files.toSpliced(1, 3))).toEqual(["binlog.000001 missing-files binlog.000002 – binlog.000004"]);
  });

  it.each([
    ["transactions that no file holds", { previousGtids: "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-12" }, "missing-transactions 3e11fa47-71ca-11e1-9e33-c80aa9429562:11-12"],
    ["a tag that no file holds", { previousGtids: "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-10:t:1" }, "missing-transactions 3e11fa47-71ca-11e1-9e33-c80aa9429562:t:1"],
    ["transactions that the server forgot", { previousGtids: "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-9" }, "lost-transactions 3e11fa47-71ca-11e1-9e33-c80aa9429562:10"],
  ])("finds %s", (_what, content, found) => {
    const files = archivedFiles(3, 5);
    expect(breaks([...files.slice(0, 2), changed(files[2], content)])).toEqual([`binlog.000002 ${found}`]);
  });

  it("finds two files whose contents were exchanged", () => {
    const [one, two, three, four] = archivedFiles(4, 5) as [ChainFile, ChainFile, ChainFile, ChainFile];
    expect(breaks([one, { ...two, content: three.content }, { ...three, content: two.content }, four]).length).toBeGreaterThan(0);
    const [a, b, c, d] = archivedFiles(4, 5, { gtids: false }) as [ChainFile, ChainFile, ChainFile, ChainFile];
    expect(breaks([a, { ...b, content: c.content }, { ...c, content: b.content }, d])).toContain("binlog.000002 other-next binlog.000004");
  });

  it("goes on behind a file without rotation, but not behind one that is only begun", () => {
    const [one, two, three] = archivedFiles(3, 5) as [ChainFile, ChainFile, ChainFile];
    expect(breaks([one, changed(two, { end: { kind: "torn" } }), three])).toEqual([]);
    expect(breaks([one, changed(two, { end: { kind: "stopped" } }), three])).toEqual([]);
    expect(breaks([one, changed(two, { end: { kind: "open" } }), three])).toEqual(["binlog.000002 unfinished binlog.000002"]);
  });

  it("takes the whole file for its begin, and refuses two whole files that differ", () => {
    const [one, two, three] = archivedFiles(3, 5) as [ChainFile, ChainFile, ChainFile];
    const begin = changed(two, { end: { kind: "open" }, endPosition: 500 });
    expect(chain([one, begin, two, three])[0]?.stretches).toEqual([[one, two, three]]);
    expect(breaks([one, two, { ...two, plain: { bytes: 1000, sha256: "other" } }, three])).toEqual(["binlog.000002 conflict binlog.000002"]);
    expect(breaks([one, { ...two, plain: { bytes: 999, sha256: "x" } }, three])).toEqual(["binlog.000002 short binlog.000002"]);
  });

  it("keeps servers and epochs apart although their files have the same names", () => {
    const files = [...archivedFiles(2, 5), ...archivedFiles(3, 4, { epoch: 1 }), ...archivedFiles(2, 3, { serverUuid: OTHER })];
    expect(chain(files).map(({ serverUuid, epoch, stretches }) => [serverUuid === OTHER, epoch, stretches.map((stretch) => stretch.length)])).toEqual([
      [false, 0, [2]],
      [false, 1, [3]],
      [true, 0, [2]],
    ]);
  });

  it("proves MariaDB's files by their lists", () => {
    const file = (number: number, previousGtids: string, gtids: string): ChainFile => ({ ...changed(archivedFiles(number, 1)[number - 1], { previousGtids, gtids }), flavor: "mariadb" });
    expect(breaks([file(1, "", "0-1-5"), file(2, "0-1-5", "0-2-6"), file(3, "0-1-5,0-2-6", "")])).toEqual([]);
    expect(breaks([file(1, "", "0-1-5"), file(2, "0-1-7", "")])).toEqual([`${fileName(1)} missing-transactions up to 0-1-7`]);
    expect(breaks([file(1, "", "0-1-5"), file(2, "0-1-4", "")])).toEqual([`${fileName(1)} lost-transactions 0-1-5`]);
  });
});
