import { describe, expect, it } from "vitest";
import { type FullFacts, judgeBase } from "./choose-base.ts";

const full: FullFacts = { policy: "daily", method: "dump", flavor: "mysql", serverUuid: "u-1", schemas: null, proven: true };
const { proven: _proven, method: _method, ...wanted } = full;

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

  it("compares scopes as sets", () => {
    const scoped = { ...wanted, schemas: ["a", "b"] };
    expect(judgeBase({ ...full, schemas: ["b", "a"] }, scoped)).toBe("base");
    for (const schemas of [["a"], ["a", "b", "c"], ["a", "a"], null]) expect(judgeBase({ ...full, schemas }, scoped)).toBe("passed-over");
  });
});
