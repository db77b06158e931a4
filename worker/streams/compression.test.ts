import { constants, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { policyConfig } from "#lib/contract/config/policy.ts";
import { levelOf, zstdParameters } from "./compression.ts";

const TEXT = Buffer.from(Array.from({ length: 4000 }, (_, id) => `(${id},'${(id * 7919) % 1009} via ${id % 37}',${id * 3}),`).join("\n"));
const policy = (compression: object) => policyConfig.safeParse({ name: "p", server: "s", destinations: ["d"], recipients: ["r"], compression });

describe("levels of compression", () => {
  it("what a policy may say is what can be done", () => {
    fc.assert(fc.property(fc.integer({ min: -30, max: 30 }), (level) => {
      const can = (): boolean => {
        try {
          return zstdParameters(level) !== null;
        } catch {
          return false;
        }
      };
      expect(policy({ codec: "zstd", level }).success).toBe(can());
    }));
    for (const codec of ["zstd", "gzip"]) expect(policy({ codec, level: "auto" }).data?.compression).toEqual({ codec, level: "auto" });
    for (const level of ["fast", "1", 1.5, 0, -1, null]) expect(policy({ codec: "gzip", level }).success).toBe(false);
  });

  it("a policy that says none has the one that it always had", () => {
    expect(policyConfig.parse({ name: "p", server: "s", destinations: ["d"], recipients: ["r"] }).compression).toEqual({ codec: "zstd", level: 1 });
    expect(policy({ codec: "gzip" }).data?.compression).toEqual({ codec: "gzip", level: 6 });
  });

  it("node:zlib takes -1 for none: it is refused here, since it would be 3", () => {
    const at = (level: number): Buffer => zstdCompressSync(TEXT, { params: { [constants.ZSTD_c_compressionLevel]: level } });
    expect(at(-1).equals(at(3))).toBe(true);
    expect(() => zstdParameters(-1)).toThrow("zstd level -1 is not within 1…19");
  });

  it("is noted of a file only where files have levels of their own", () => {
    expect(levelOf({ codec: "zstd", level: 4 }, "a")).toEqual({ level: 4, noted: {} });
    expect(levelOf({ codec: "zstd", level: (file) => file.length }, "ab")).toEqual({ level: 2, noted: { level: 2 } });
  });
});
