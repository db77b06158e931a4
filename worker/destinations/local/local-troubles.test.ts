import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chmod, lstat, mkdir, mkdtemp, open as openFile, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { localDestination } from "#lib/contract/config/destination.ts";
import { digest, fault } from "../testing/observe.ts";
import { LocalDestination } from "./local.ts";
import { PARTIAL, STALE_PARTIAL_MS } from "./write-file.ts";

const MIB = 1024 * 1024;
const KEY = "db-1/full/20261123T020000Z-4f9a1c/data.sql.zst.gpg";

let folder: string;
let root: string;
let place: LocalDestination;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sv-local-"));
  root = join(folder, "copies");
  place = open();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (change: object = {}) => new LocalDestination(localDestination.parse({ kind: "local", name: "disk", root, ...change }));

async function spooled(bytes: number) {
  const data = randomBytes(bytes);
  const path = join(folder, `body-${randomBytes(4).toString("hex")}`);
  await writeFile(path, data);
  return { kind: "file", path, bytes, sha256: createHash("sha256").update(data).digest("hex") } as const;
}

const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

describe("who may read", () => {
  it("folders 0700, files 0600", async () => {
    await place.put(KEY, await spooled(10));
    expect(await mode(root)).toBe("700");
    expect(await mode(join(root, "db-1"))).toBe("700");
    expect(await mode(join(root, KEY, ".."))).toBe("700");
    expect(await mode(join(root, KEY))).toBe("600");
  });

  it("an open root is narrowed when empty, refused when it holds files", async () => {
    await mkdir(root);
    await chmod(root, 0o755);
    await place.put(KEY, await spooled(10));
    expect(await mode(root)).toBe("700");
    await chmod(root, 0o755);
    await expect(fault(place.put(`${KEY}.2`, await spooled(10)))).resolves.toMatchObject({ code: "DESTINATION_DENIED", retryable: false });
    expect(await mode(root)).toBe("755");
  });
});

describe("symbolic links do not lead out", () => {
  it.each([
    ["a folder on the way", "db-1"],
    ["the file itself", KEY],
  ])("%s", async (_what, at) => {
    const outside = join(folder, "outside");
    await mkdir(outside);
    await writeFile(join(outside, "secret"), "do not touch");
    await mkdir(join(root, at, ".."), { recursive: true, mode: 0o700 });
    await symlink(at === KEY ? join(outside, "secret") : outside, join(root, at));
    const body = await spooled(10);
    for (const work of [() => place.put(KEY, body), () => place.put(KEY, body, { overwrite: true }), () => place.get(KEY), () => place.stat(KEY), () => place.remove(KEY)]) {
      await expect(fault(work())).resolves.toMatchObject({ code: "DESTINATION_DENIED", retryable: false });
    }
    expect(await readdir(outside)).toEqual(["secret"]);
    expect(await readFile(join(outside, "secret"), "utf8")).toBe("do not touch");
    const listed: string[] = [];
    for await (const object of place.list("")) listed.push(object.key);
    expect(listed).toEqual([]);
  });
});

describe("what was written is read back before it gets its name", () => {
  it("a bit that turned on the disk: no copy, and the body is not blamed", async () => {
    const body = await spooled(100_000);
    let calls = 0;
    const turn = async () => {
      if (++calls !== 2) return;
      const folder = join(root, KEY, "..");
      const file = await openFile(join(folder, (await readdir(folder)).find((name) => name.startsWith(PARTIAL)) ?? ""), "r+");
      const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 7);
      await file.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, 7);
      await file.close();
    };
    await expect(fault(place.put(KEY, body, { pace: turn }))).resolves.toMatchObject({ code: "COPY_CORRUPT", params: { destination: "disk", key: KEY } });
    expect(await readdir(join(root, KEY, ".."))).toEqual([]);
    expect(await place.put(KEY, body)).toMatchObject({ bytes: 100_000, readBack: true });
  });
});

describe("what a dead worker left", () => {
  it("stale partial files go, fresh ones of another worker stay", async () => {
    await place.put(KEY, await spooled(10));
    const stale = join(root, KEY, "..", `${PARTIAL}aaaa`);
    const fresh = join(root, KEY, "..", `${PARTIAL}bbbb`);
    for (const path of [stale, fresh]) await writeFile(path, "half");
    const old = new Date(Date.now() - STALE_PARTIAL_MS - 1_000);
    await utimes(stale, old, old);
    await place.put(`${KEY}.next`, await spooled(10));
    await expect(lstat(stale)).rejects.toThrow(/ENOENT/);
    expect((await lstat(fresh)).size).toBe(4);
    expect(await place.sweep(0)).toBe(1);
    await expect(lstat(fresh)).rejects.toThrow(/ENOENT/);
  });
});

describe("a disk that is not there", () => {
  it("is not replaced by an empty folder on the system disk", async () => {
    await expect(fault(open({ requireMount: true }).put(KEY, await spooled(10)))).resolves.toMatchObject({
      code: "DESTINATION_UNREACHABLE",
      params: { message: `nothing is mounted at ${root}` },
    });
    await expect(fault(open({ root: join(folder, "mnt", "copies") }).stat(KEY))).resolves.toMatchObject({ code: "DESTINATION_UNREACHABLE" });
  });
});

describe.runIf(process.getuid?.() === 0)("a full disk (tmpfs; needs root)", () => {
  let mounted = false;
  beforeEach(async () => {
    await mkdir(root, { mode: 0o700 });
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs", root]);
    mounted = true;
  });
  afterEach(() => {
    if (mounted) execFileSync("umount", [root]);
    mounted = false;
  });

  it("says so, before and while writing, and leaves nothing behind", async () => {
    const small = await spooled(3 * MIB);
    await open({ requireMount: true }).put("a/small", small);
    await expect(fault(place.put("a/too-big", await spooled(6 * MIB)))).resolves.toMatchObject({ code: "DESTINATION_FULL" });

    // Somebody else fills the disk after the look at its free space: write(2) itself fails.
    const body = await spooled(4 * MIB);
    let filled: Promise<void> | undefined;
    const thrown = await fault(
      place.put("a/raced", body, {
        pace: async () => {
          filled ??= writeFile(join(root, "filler"), Buffer.alloc(8 * MIB)).catch(() => undefined);
          await filled;
        },
      }),
    );
    expect(thrown).toMatchObject({ code: "DESTINATION_FULL" });
    expect(thrown.params.message).toMatch(/ENOSPC/);
    expect(await readdir(join(root, "a"))).toEqual(["small"]);
    expect(await digest(await place.get("a/small"))).toBe(small.sha256);

    await rm(join(root, "filler"));
    await place.put("a/raced", body);
    expect(await digest(await place.get("a/raced"))).toBe(body.sha256);
    const { totalBytes, freeBytes } = await place.space();
    expect(totalBytes).toBe(8 * MIB);
    expect(freeBytes).toBeLessThanOrEqual(1 * MIB);
  });
});
