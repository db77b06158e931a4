import { existsSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { removeInSteps } from "./remove-in-steps.ts";

const MIB = 1024 * 1024;

it("gives a large file back in pieces, a small one at once, and leaves neither", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sg-remove-"));
  try {
    const [large, small] = [join(folder, "large"), join(folder, "small")];
    writeFileSync(large, "");
    truncateSync(large, 40 * MIB);
    writeFileSync(small, "small");
    const sizes: number[] = [];
    await removeInSteps(large, async () => sizes.push(statSync(large).size / MIB));
    await removeInSteps(small, async () => sizes.push(-1));
    expect(sizes).toEqual([24, 8]);
    expect([large, small].filter((path) => existsSync(path))).toEqual([]);
    await expect(removeInSteps(large)).rejects.toMatchObject({ code: "ENOENT" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
