import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renamesFrom } from "./renames.ts";

describe("new names of schemas, as they are typed", () => {
  it.each<[string, string, string]>([
    ["shop=shop_copy", "shop", "shop_copy"],
    ["shop=a=b", "shop", "a=b"],
    ["a\\=b=c", "a=b", "c"],
    ["a\\=b=c\\=d=e", "a=b", "c=d=e"],
    ["\\==x", "=", "x"],
    ["a\\b=c", "a\\b", "c"],
    ["a\\\\=c", "a\\", "c"],
    ["a\\\\\\=b=c", "a\\=b", "c"],
    ["a\nb=c", "a\nb", "c"],
  ])("%j: %j becomes %j", (typed, old, fresh) => {
    expect(renamesFrom([typed])).toEqual({ [old]: fresh });
  });

  it("takes every pair of names, whatever they hold", () => {
    const name = fc.string({ unit: "binary", minLength: 1 });
    const escaped = (text: string): string => text.replace(/[\\=]/g, "\\$&");
    fc.assert(fc.property(name, name, (old, fresh) => Object.entries(renamesFrom([`${escaped(old)}=${escaped(fresh)}`])).flat().join("\0") === `${old}\0${fresh}`));
  });

  it.each([["shop"], ["=x"], ["shop="], ["a\\=b"], [""]])("%j is no pair of names", (typed) => {
    expect(() => renamesFrom([typed])).toThrow(expect.objectContaining({ code: "INPUT_INVALID", params: { fields: expect.stringContaining(`--as ${typed}: old=new`) } }));
  });

  it("gives no name two new ones", () => {
    expect(() => renamesFrom(["a=b", "c=d", "a=e"])).toThrow(expect.objectContaining({ params: { fields: "--as a=e: a already has a new name" } }));
  });
});
