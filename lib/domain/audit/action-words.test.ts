import { expect, it } from "vitest";
import { PERMISSIONS } from "../access/permissions.ts";
import { ACTION_WORDS, actionsSaying, actionText, AUDIT_ACTIONS } from "./action-words.ts";

const ACTIONS = [...AUDIT_ACTIONS, ...Object.keys(PERMISSIONS)];

it("says every action of the trail in words of its own, in both languages, and no others", () => {
  expect(Object.keys(ACTION_WORDS).sort()).toEqual([...ACTIONS].sort());
  for (const locale of ["it", "en"] as const) {
    const words = ACTIONS.map((action) => actionText(action, locale));
    expect(new Set(words).size).toBe(ACTIONS.length);
    for (const text of words) expect(text).toMatch(/^\p{Lu}[^.]*\p{Ll}$/u);
  }
});

it("leaves the name of an action of another version as it is", () => {
  expect([actionText("moon.land", "it"), actionText("toString", "en")]).toEqual(["moon.land", "toString"]);
});

it("finds actions by what they are called in any language", () => {
  expect(actionsSaying("RIPRISTINO sul")).toEqual(["restore.run-in-place"]);
  expect(actionsSaying("arresto di un'attività")).toEqual(["run.cancel"]);
  expect(actionsSaying("sign-in")).toEqual(["user.sign-in"]);
  expect([actionsSaying("  "), actionsSaying("banana")]).toEqual([[], []]);
});
