import fc from "fast-check";
import { expect, it } from "vitest";
import { MAX_PARTS, partPlan, partSize } from "./part-plan.ts";

const MIB = 1024 * 1024;

it("keeps the wished size while it fits and grows beyond", () => {
  expect(partSize(160 * 1000 * MIB, 16 * MIB)).toBe(16 * MIB);
  expect(partSize(160 * 1000 * MIB + 1, 16 * MIB)).toBe(17 * MIB);
  expect(partSize(5 * 1024 ** 4, 5 * MIB)).toBe(525 * MIB);
  expect(() => partSize(60 * 1024 ** 4, 5 * MIB)).toThrow(RangeError);
});

it("parts cover the body without gap or overlap, at most 10,000, only the last one smaller", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200 * 1024 ** 3 }), fc.integer({ min: 5, max: 64 }), (bytes, wished) => {
      const size = partSize(bytes, wished * MIB);
      const parts = partPlan(bytes, size);
      expect(parts.length).toBeLessThanOrEqual(MAX_PARTS);
      let at = 0;
      for (const [index, part] of parts.entries()) {
        if (part.number !== index + 1 || part.start !== at || part.end <= at) throw new Error(`part ${index}`);
        if (part.end - part.start !== size && index < parts.length - 1) throw new Error(`size of part ${index}`);
        at = part.end;
      }
      expect(at).toBe(bytes);
    }),
    { numRuns: 50 },
  );
});
