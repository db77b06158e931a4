import { expect, it } from "vitest";
import { type FoldersNow, folderStanding } from "./folder-standing.ts";

const ids = { was: "11", comes: "22" };
const at = (folder: string | null, kept: string | null, incoming: string | null): FoldersNow => ({ folder, kept, incoming });

it("follows the two renames from the first moment to the last", () => {
  expect(folderStanding(ids, at("11", null, null))).toBe("before");
  expect(folderStanding(ids, at("11", null, "22"))).toBe("before");
  expect(folderStanding(ids, at(null, "11", "22"))).toBe("between");
  expect(folderStanding(ids, at("22", "11", null))).toBe("after");
});

it("takes no stranger for one of its own, and no copy of a name for a move", () => {
  const strange = [at("33", "11", "22"), at("11", "33", "22"), at(null, "33", "22"), at(null, "11", "33"), at(null, "11", null), at("22", null, null), at("22", "11", "33"), at(null, null, null)];
  expect(strange.map((now) => folderStanding(ids, now))).toEqual(strange.map(() => "unclear"));
});
