import { describe, expect, it } from "vitest";
import { type FullFacts, hasDifferentials, judgeBase } from "./choose-base.ts";

const full: FullFacts = { policy: "daily", method: "dump", flavor: "mysql", serverUuid: "u-1", schemas: null, proven: true };
const { proven: _proven, method: _method, ...facts } = full;
const wanted = { ...facts, besideFiles: false };

describe("a full as base of a differential", () => {
  it.each<[string, Partial<FullFacts>, ReturnType<typeof judgeBase>]>([
    ["proven, same policy, server and scope", {}, "base"],
    ["of another policy", { policy: "weekly" }, "passed-over"],
    ["a safety copy of chosen schemas", { schemas: ["shop"] }, "passed-over"],
    ["not proven, whatever else", { proven: false, serverUuid: "u-2" }, "not-proven"],
    ["of data files", { method: "clone" }, "other-method"],
    ["of another server", { serverUuid: "u-2" }, "other-server"],
    ["of another family", { flavor: "mariadb" }, "other-server"],
  ])("%s", (_what, change, verdict) => {
    expect(judgeBase({ ...full, ...change }, wanted)).toBe(verdict);
  });

  it("is the SQL, where a policy takes it beside data files: these are passed over, proven or not", () => {
    const beside = { ...wanted, besideFiles: true };
    expect(judgeBase({ ...full, method: "clone" }, beside)).toBe("passed-over");
    expect(judgeBase({ ...full, method: "clone", proven: false }, beside)).toBe("passed-over");
    expect(judgeBase(full, beside)).toBe("base");
    expect(judgeBase({ ...full, proven: false }, beside)).toBe("not-proven");
    expect([{ method: "dump" }, { method: "clone", alsoDump: true }, { method: "clone", alsoDump: false }, { method: "clone" }].map(hasDifferentials)).toEqual([true, true, false, false]);
  });

  it("compares scopes as sets", () => {
    const scoped = { ...wanted, schemas: ["a", "b"] };
    expect(judgeBase({ ...full, schemas: ["b", "a"] }, scoped)).toBe("base");
    for (const schemas of [["a"], ["a", "b", "c"], ["a", "a"], null]) expect(judgeBase({ ...full, schemas }, scoped)).toBe("passed-over");
  });
});
