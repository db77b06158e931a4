import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { workerConfig } from "#lib/contract/config/worker.ts";
import { systemClock } from "#lib/platform/clock.ts";
import { createLog } from "#lib/platform/log.ts";
import { loadIdentity } from "#worker/host/identity.ts";
import { prepareFolders } from "#worker/host/runtime.ts";
import { openArchive, type ServerArchive } from "./server-archive.ts";
import { firstFreeEpoch, removeTails } from "./store-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sv-stopped-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** An archive whose destination is a disk that is not mounted, and that is told to stop as soon as it waits for it. */
async function waiting(): Promise<ServerArchive> {
  writeFileSync(join(folder, "password"), "secret", { mode: 0o600 });
  mkdirSync(join(folder, "disk"), { mode: 0o700 });
  const config = workerConfig.parse({
    host: "test-host",
    stateDir: join(folder, "state"),
    spoolDir: join(folder, "spool"),
    sandboxDir: join(folder, "sandbox"),
    instancesDir: join(folder, "instances"),
    keyring: { home: join(folder, "keyring") },
    servers: [{ name: "db", socket: join(folder, "socket"), user: "root", password: { file: join(folder, "password") }, criticalTables: [] }],
    destinations: [{ kind: "local", name: "disk", root: join(folder, "disk"), requireMount: true }],
    policies: [{ name: "all", server: "db", destinations: ["disk"], recipients: ["operations"], archive: true }],
    keys: [{ name: "operations", purpose: "operations", key: { armored: "none is needed here" } }],
  });
  const stop = new AbortController();
  const log = Object.assign(createLog({ name: "test", level: "silent" }), { warn: () => stop.abort() });
  const host = { config, settings: config, folders: prepareFolders(config), identity: await loadIdentity(config.stateDir), tools: { clients: {}, gpg: "gpg", gpgconf: "gpgconf" }, clock: systemClock, log };
  return openArchive(host as unknown as Parameters<typeof openArchive>[0], "db", stop.signal);
}

describe("an archive that is told to stop while a destination is away", () => {
  it("waits no longer for which epochs are taken, and takes none for free", async () => {
    await expect(firstFreeEpoch(await waiting(), "3e11fa47-71ca-11e1-9e33-c80aa9429562")).rejects.toMatchObject({ code: "CANCELLED" });
  });

  it("waits no longer for removing pieces, and does not say that the destination failed", async () => {
    const archive = await waiting();
    await removeTails(archive, { server: "db", serverUuid: "3e11fa47-71ca-11e1-9e33-c80aa9429562", epoch: 1 }, { file: "binlog.000001", except: new Set(), replaced: () => true });
    expect(archive.signal.aborted).toBe(true);
    expect(archive.now.copyFaults.size).toBe(0);
  });
});
