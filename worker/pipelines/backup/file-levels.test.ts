import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { localDestination } from "#lib/contract/config/destination.ts";
import { policyConfig } from "#lib/contract/config/policy.ts";
import type { Artifact } from "#lib/contract/manifest/manifest.ts";
import { LocalDestination } from "#worker/destinations/local/local.ts";
import { withThrottle } from "#worker/destinations/with-throttle.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { levelOf } from "#worker/streams/compression.ts";
import { until } from "#worker/testing/processes.ts";
import { FileLevels } from "./file-levels.ts";
import { SetStore } from "./set-store.ts";

const SET = "01J0000000000000000000000A";
const BYTES = 2 * 1024 * 1024;

describe("at which level the files of a set begin", () => {
  let folder: string;
  let seconds: number;
  let told: string[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sv-file-levels-"));
    mkdirSync(join(folder, "spool"));
    seconds = 0;
    told = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const disk = (name: string): Destination => withThrottle(new LocalDestination(localDestination.parse({ kind: "local", name, root: join(folder, name) })), 1e12);
  const compression = (given: object) => policyConfig.shape.compression.parse(given);
  /** A backup to these destinations whose clock stands at `seconds`. */
  const backup = (given: object, ...destinations: readonly Destination[]) => {
    const context = { runId: SET, signal: new AbortController().signal, clock: { now: () => 0, monotonic: () => seconds * 1000 }, progress: () => undefined, emit: () => undefined, log: (_: string, text: string) => told.push(text), finding: () => undefined };
    const store = new SetStore(context as unknown as RunContext, { server: "db", kind: "full", setId: SET, folder: join(folder, "spool"), destinations });
    const levels = new FileLevels(context as unknown as RunContext, compression(given), store);
    return {
      store,
      begin: (name: string) => levelOf(levels.files, name),
      seal(name: string): void {
        const content = Buffer.alloc(BYTES, name);
        writeFileSync(join(folder, "spool", name), content);
        const digest = (algorithm: string): string => createHash(algorithm).update(content).digest("hex");
        store.add({ name, role: "data", plain: { bytes: 1, sha256: null }, sealed: { bytes: BYTES, sha256: digest("sha256"), md5: digest("md5") } } satisfies Artifact, levels.made(name));
      },
    };
  };

  it("is the policy's, which the manifest need not repeat", () => {
    expect(backup({ codec: "zstd", level: 7 }, disk("one")).begin("a")).toEqual({ level: 7, noted: {} });
    expect(backup({ codec: "gzip" }, disk("one")).begin("a")).toEqual({ level: 6, noted: {} });
    expect(backup({ codec: "gzip", level: "auto" }, disk("one")).begin("a")).toEqual({ level: 1, noted: { level: 1 } });
  });

  it("rises a step at a time while a destination is behind, each once a file has shown the last, and falls when it has caught up", async () => {
    const line = Promise.withResolvers<void>();
    const real = disk("slow");
    let begun = 0;
    const slow: Destination = {
      ...real,
      async put(key, body, options) {
        begun += 1;
        options?.onBytes?.(1000);
        await line.promise;
        return real.put(key, body, options);
      },
    };
    const { begin, seal, store } = backup({ codec: "zstd", level: "auto" }, disk("fast"), slow);
    expect(begin("a")).toEqual({ level: 1, noted: { level: 1 } });
    seconds = 1;
    seal("a");
    await until("it is on its way", () => begun === 1);
    expect(begin("b").level, "it may be stored while the next one is made").toBe(1);
    seconds = 10;
    expect(begin("c").level).toBe(6);
    seal("b");
    expect(begin("d").level, "b does not show what 6 does").toBe(6);
    seal("c");
    expect(begin("e").level).toBe(8);
    line.resolve();
    await until("all is stored", () => store.slowest.rounds === 0 && begun === 3);
    seal("d");
    expect(begin("f").level, "nor does d what 8 does").toBe(8);
    seal("e");
    expect(begin("g").level).toBe(6);
    expect(told).toEqual(["slow stores more slowly than files are made: from here on level 6", "slow stores more slowly than files are made: from here on level 8", "destinations keep up with what is made: from here on level 6"]);
  });

  it("does not rise for a destination that failed: it is tried again when all is made", async () => {
    let failures = 0;
    const gone: Destination = {
      ...disk("gone"),
      put: () => {
        failures += 1;
        return Promise.reject(new Error("away"));
      },
    };
    const { begin, seal } = backup({ codec: "zstd", level: "auto" }, gone);
    begin("a");
    seal("a");
    await until("it failed", () => failures > 0 && told.length > 0);
    seconds = 1000;
    expect(begin("b").level).toBe(1);
  });
});
