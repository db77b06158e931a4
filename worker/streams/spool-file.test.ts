import { pbkdf2 } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { spawnTool } from "#worker/exec/spawn-tool.ts";
import { publish, spool } from "./spool-file.ts";

const folder = mkdtempSync(join(tmpdir(), "sg-spool-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("keeps what a child wrote that ended before the file was open", async () => {
  // Node's four file threads are busy for a while: opening the file waits for them, the child does not
  const busy = Array.from({ length: 4 }, () => promisify(pbkdf2)("x", "y", 500_000, 64, "sha512"));
  const child = spawnTool("printf", ["hello"]);
  const path = join(folder, "small");
  const spooled = await spool(child.stdout as Readable, path);
  await publish(path);
  await Promise.all(busy);
  expect(spooled.bytes).toBe(5);
  expect(readFileSync(path, "utf8")).toBe("hello");
});
