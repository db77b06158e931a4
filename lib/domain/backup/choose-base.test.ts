import { describe, expect, it } from "vitest";
import { differentialMethod, type FullFacts, hasDifferentials, judgeBase, type WantedDifferential } from "./choose-base.ts";

const full: FullFacts = { policy: "daily", method: "dump", flavor: "mysql", serverUuid: "u-1", schemas: null, proven: true, takesPages: false };
const { proven: _proven, takesPages: _takes, ...facts } = full;
const wanted: WantedDifferential = { ...facts, method: "dump", twoSets: false };

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
    const beside = { ...wanted, twoSets: true };
    expect(judgeBase({ ...full, method: "clone" }, beside)).toBe("passed-over");
    expect(judgeBase({ ...full, method: "clone", proven: false }, beside)).toBe("passed-over");
    expect(judgeBase(full, beside)).toBe("base");
    expect(judgeBase({ ...full, proven: false }, beside)).toBe("not-proven");
  });

  it("of a policy by mariadb-backup is the data files, with or without SQL beside them, and only such as pages can be applied to", () => {
    const pages: WantedDifferential = { ...wanted, method: "mariadb-backup" };
    const files = { ...full, method: "mariadb-backup", takesPages: true };
    expect(judgeBase(files, pages)).toBe("base");
    expect(judgeBase({ ...files, takesPages: false }, pages)).toBe("no-pages");
    expect(judgeBase({ ...files, takesPages: false, proven: false }, pages)).toBe("not-proven");
    expect(judgeBase({ ...files, serverUuid: "u-2" }, pages)).toBe("other-server");
    expect(judgeBase(full, pages)).toBe("other-method");
    expect(judgeBase(full, { ...pages, twoSets: true })).toBe("passed-over");
  });

  it("is asked for by the method of the policy's fulls", () => {
    expect((["dump", "mariadb-backup"] as const).flatMap((method) => [false, true].map((alsoDump) => differentialMethod({ method, alsoDump })))).toEqual(["dump", "dump", "mariadb-backup", "mariadb-backup"]);
    expect([true, false, undefined].map((alsoDump) => differentialMethod({ method: "clone", alsoDump }))).toEqual(["dump", null, null]);
    expect(hasDifferentials({ method: "mariadb-backup" })).toBe(true);
    expect(hasDifferentials({ method: "clone" })).toBe(false);
  });

  it("compares scopes as sets", () => {
    const scoped = { ...wanted, schemas: ["a", "b"] };
    expect(judgeBase({ ...full, schemas: ["b", "a"] }, scoped)).toBe("base");
    for (const schemas of [["a"], ["a", "b", "c"], ["a", "a"], null]) expect(judgeBase({ ...full, schemas }, scoped)).toBe("passed-over");
  });
});
