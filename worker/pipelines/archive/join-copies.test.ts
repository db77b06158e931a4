import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { joinCopies, twinsOf } from "./join-copies.ts";
import type { RawFile } from "./raw-files.ts";

describe("two copies of one binary log", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sg-join-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const copy = (session: string, bytes: Buffer): RawFile => {
    const path = join(folder, session);
    writeFileSync(path, bytes);
    const mark = { uuid: "u", era: 0, flavor: "mysql", first: "b.000001", aside: false, name: session, folder } as const;
    return { session: mark, name: "b.000001", number: 1, path, bytes: bytes.length };
  };
  const content = Buffer.alloc(3_000_000, "abcdefghij");
  const changed = (at: number, value: number): Buffer => {
    const bytes = Buffer.from(content);
    bytes.writeUInt8(value, at);
    return bytes;
  };

  it("become one when the newer begins with all that counts of the older", async () => {
    const older = copy("s1", content.subarray(0, 2_500_000));
    expect(await joinCopies({ older, newer: copy("s2", content) }, older.bytes, false)).toBe("joined");
    expect(existsSync(older.path)).toBe(false);
  });

  it("become one although the older has a torn end, or the server's mark of an open file", async () => {
    const torn = copy("s1", Buffer.concat([content.subarray(0, 1000), Buffer.from("torn")]));
    expect(await joinCopies({ older: torn, newer: copy("s2", content) }, 1000, true)).toBe("joined");
    const open = copy("s1", changed(21, content.readUInt8(21) ^ 1));
    expect(await joinCopies({ older: open, newer: copy("s2", content) }, open.bytes, true)).toBe("joined");
  });

  it.each([22, 1_048_575, 1_048_576, 2_999_999])("stay both when byte %i differs", async (at) => {
    const older = copy("s1", content);
    const newer = copy("s2", changed(at, 0));
    expect(await joinCopies({ older, newer }, older.bytes, true)).toBe("differs");
    expect(existsSync(older.path) && existsSync(newer.path)).toBe(true);
  });

  it("stay both when the newer ended before the older, and wait while it still grows", async () => {
    const older = copy("s1", content);
    const newer = copy("s2", content.subarray(0, 2_999_999));
    expect(await joinCopies({ older, newer }, older.bytes, false)).toBe("undecided");
    expect(await joinCopies({ older, newer }, older.bytes, true)).toBe("differs");
    expect(existsSync(older.path)).toBe(true);
  });

  it("are compared newest first", () => {
    const [one, two, three] = [copy("s1", content), copy("s2", content), copy("s3", content)];
    expect(twinsOf([one, two, three])).toEqual([{ older: two, newer: three }]);
    expect(twinsOf([one])).toEqual([]);
  });
});
