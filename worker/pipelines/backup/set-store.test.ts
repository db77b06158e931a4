import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { localDestination } from "#lib/contract/config/destination.ts";
import type { Artifact } from "#lib/contract/manifest/manifest.ts";
import { systemClock } from "#lib/platform/clock.ts";
import { LocalDestination } from "#worker/destinations/local/local.ts";
import { withThrottle } from "#worker/destinations/with-throttle.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { until } from "#worker/testing/processes.ts";
import { SetStore } from "./set-store.ts";

const SET = "01J0000000000000000000000A";

describe("a set that is stored while it is made", () => {
  let folder: string;
  let told: string[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sv-set-store-"));
    told = [];
    mkdirSync(join(folder, "spool"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const disk = (name: string): LocalDestination => new LocalDestination(localDestination.parse({ kind: "local", name, root: join(folder, name, "copies") }));
  const held = (name: string, artifact: Artifact): string => join(folder, name, "copies", "db", "full", SET, artifact.name);
  const storeAt = (...destinations: readonly Destination[]): SetStore => {
    const context = { runId: SET, signal: new AbortController().signal, clock: systemClock, progress: () => undefined, emit: () => undefined, log: (_: string, text: string) => told.push(text), finding: (_: string, { code }: { code: string }) => told.push(code) };
    return new SetStore(context as unknown as RunContext, { server: "db", kind: "full", setId: SET, folder: join(folder, "spool"), destinations });
  };
  const sealed = (name: string, content: string): Artifact => {
    writeFileSync(join(folder, "spool", name), content);
    const digest = (algorithm: string): string => createHash(algorithm).update(content).digest("hex");
    return { name, role: "data", plain: { bytes: 1, sha256: null }, sealed: { bytes: content.length, sha256: digest("sha256"), md5: digest("md5") } };
  };

  it("has each file at every destination as soon as it is sealed", async () => {
    for (const name of ["one", "two"]) mkdirSync(join(folder, name));
    const store = storeAt(disk("one"), disk("two"));
    const files = Array.from({ length: 7 }, (_, index) => sealed(`${index}.sql.zst.gpg`, `rows ${index} `.repeat(1000 + index)));
    for (const file of files) store.add(file);
    await until("all are there before the end", () => files.every((file) => existsSync(held("one", file)) && existsSync(held("two", file))));
    const late = sealed("late.sql.zst.gpg", "more");
    const copies = await store.finish([...files, late]);
    expect(copies.map(({ destination, state }) => [destination, state])).toEqual([["one", "intact"], ["two", "intact"]]);
    expect(readFileSync(held("two", late), "utf8")).toBe("more");
    expect(told).toEqual([]);
  });

  it("tries a destination again that was away meanwhile", async () => {
    mkdirSync(join(folder, "one"));
    const store = storeAt(disk("one"), disk("two"));
    const first = sealed("0.sql.zst.gpg", "rows");
    store.add(first);
    await until("it was told", () => told.length > 0);
    expect(told[0]).toContain("two: ");
    mkdirSync(join(folder, "two"));
    store.add(sealed("1.sql.zst.gpg", "more rows"));
    const copies = await store.finish([first, sealed("1.sql.zst.gpg", "more rows")]);
    expect(copies.map(({ state }) => state)).toEqual(["intact", "intact"]);
    expect(existsSync(held("two", first))).toBe(true);
  });

  it("removes what was stored when the set is not made, and leaves a destination in peace that does not answer", async () => {
    mkdirSync(join(folder, "one"));
    const store = storeAt(disk("one"), disk("two"));
    const file = sealed("0.sql.zst.gpg", "rows");
    store.add(file);
    await until("it is there", () => existsSync(held("one", file)) && told.length > 0);
    await store.discard();
    expect(existsSync(held("one", file))).toBe(false);
    expect(told.some((text) => text.includes("could not be removed"))).toBe(false);
  });

  it("removes also what was just being stored", async () => {
    mkdirSync(join(folder, "one"));
    const file = sealed("1.sql.zst.gpg", "more rows ".repeat(200_000));
    for (const ends of ["while it is made", "while it is stored"]) {
      // Each its own: what was read of the large file is paid for by whoever comes next.
      const store = storeAt(withThrottle(disk("one"), 64 * 1024));
      const small = sealed("0.sql.zst.gpg", ends);
      store.add(small);
      await until("the small one is there", () => existsSync(held("one", small)));
      store.add(file);
      const stored = ends === "while it is stored" ? store.finish([small, file]) : Promise.resolve([]);
      const end = stored.then(() => "stored", ({ code }: { code: string }) => code);
      await until("the large one is under way", () => readdirSync(dirname(held("one", file))).length > 1);
      await store.discard();
      await end;
      expect(readdirSync(join(folder, "one"), { recursive: true, encoding: "utf8" }).filter((name) => name.includes("gpg"))).toEqual([]);
    }
  });

  it("does not call a copy whole that was changed meanwhile", async () => {
    mkdirSync(join(folder, "one"));
    const store = storeAt(disk("one"), disk("two"));
    const file = sealed("0.sql.zst.gpg", "rows");
    writeFileSync(join(folder, "spool", file.name), "rowz");
    store.add(file);
    await expect(store.finish([file])).rejects.toMatchObject({ code: "NO_COPY_STORED" });
  });
});
