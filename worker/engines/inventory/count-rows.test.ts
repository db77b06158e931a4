import { describe, expect, it } from "vitest";
import type { Inventory } from "#lib/contract/manifest/manifest.ts";
import { countsByKey } from "./count-rows.ts";

const MIB = 1024 * 1024;

/** Schemas with a table of each size, MiB. */
const holding = (...schemas: number[][]) => ({ schemas: schemas.map((tables) => ({ tables: tables.map((size) => ({ dataBytes: size * MIB })) })) }) as unknown as Inventory;

describe("countsByKey", () => {
  it("holds while the rows of all schemas fit into memory, indexes being a quarter more", () => {
    expect(countsByKey(holding([100], [20, 8]), 128 * MIB)).toBe(true);
    expect(countsByKey(holding([100], [40, 20]), 128 * MIB)).toBe(true);
  });

  it("does not where a count would fetch them a second time, nor where the memory is not known", () => {
    expect(countsByKey(holding([100], [40, 21]), 128 * MIB)).toBe(false);
    expect(countsByKey(holding([1]), 0)).toBe(false);
  });
});
