import { describe, expect, it } from "vitest";
import { isNearEnd } from "./run-clone.ts";

describe("the end of a copy", () => {
  const at = (stage: string, bytesDone: number, elapsedMs: number) => isNearEnd({ stage, bytesDone, bytesTotal: 1000, elapsedMs });
  it("is near when what is left would take five seconds at the speed until now", () => {
    expect(at("FILE COPY", 800, 20_000)).toBe(true);
    expect(at("FILE COPY", 799, 20_000)).toBe(false);
    // A fast copy: all of it is near its end.
    expect(at("FILE COPY", 100, 100)).toBe(true);
  });
  it("is not known before anything was copied, and near once the files are", () => {
    expect(at("DROP DATA", 0, 60_000)).toBe(false);
    expect(at("FILE COPY", 0, 60_000)).toBe(false);
    expect(at("PAGE COPY", 0, 1)).toBe(true);
    expect(at("REDO COPY", 1000, 60_000)).toBe(true);
  });
});
