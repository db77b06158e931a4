import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ScheduleConfig, scheduleConfig } from "#lib/contract/config/desired-state.ts";
import { workerConfig } from "#lib/contract/config/worker.ts";
import { fireId } from "#lib/platform/ids.ts";
import { createLog } from "#lib/platform/log.ts";
import { ActiveRuns } from "#worker/host/active-runs.ts";
import { loadIdentity } from "#worker/host/identity.ts";
import { journalPath, readJournal } from "#worker/host/journal.ts";
import { type HostRuntime, prepareFolders } from "#worker/host/runtime.ts";
import { FireBook } from "./fire-book.ts";
import { Firing } from "./firing.ts";

const HOUR = 3_600_000;
/** 02:00 in Rome. */
const NIGHT = Date.parse("2026-11-24T01:00:00Z");
const DAY = 24 * HOUR;

let folder: string;
let host: HostRuntime;
let now: number;

/** A host whose database server does not exist: each run begins, and fails at once. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "sg-firing-"));
  writeFileSync(join(folder, "password"), "x", { mode: 0o600 });
  const config = workerConfig.parse({
    host: "db-1",
    stateDir: join(folder, "state"),
    spoolDir: join(folder, "spool"),
    sandboxDir: join(folder, "sandbox"),
    keyring: { home: folder },
    servers: [{ name: "db", socket: join(folder, "no.sock"), user: "backup", password: { file: join(folder, "password") } }],
    destinations: [{ kind: "local", name: "one", root: join(folder, "one") }],
    policies: [{ name: "all", server: "db", destinations: ["one"], recipients: ["operations"], archive: true }],
    keys: [{ name: "operations", purpose: "operations", key: { armored: "none" } }],
  });
  now = NIGHT - 12 * HOUR;
  const clock = { now: () => now, monotonic: () => performance.now() };
  const tools = { clients: {}, gpg: "gpg", gpgconf: "gpgconf", zstd: "zstd" };
  host = { config, settings: config, folders: prepareFolders(config), identity: await loadIdentity(config.stateDir), tools, clock, log: createLog({ name: "test", level: "silent" }) };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const nightly = (more: Partial<ScheduleConfig> = {}): ScheduleConfig => scheduleConfig.parse({ name: "night", policy: "all", cron: "0 2 * * *", timeZone: "Europe/Rome", ...more });
const newRuns = (): ActiveRuns => new ActiveRuns(host, () => undefined);
/** A worker's life up to now, as far as its schedules go. */
const life = (runs = newRuns()): Firing => new Firing({ host, runs }, new FireBook(host.config.stateDir));
const journals = (): string[] => readdirSync(host.folders.journals).filter((name) => name.endsWith(".jsonl")).map((name) => name.slice(0, -6)).sort();
const told = (runId: string) => readJournal(journalPath(host.folders.journals, runId)).map(({ body }) => body);

async function lookAt(firing: Firing, at: number, schedule = nightly()): Promise<void> {
  now = at;
  firing.look(schedule);
  await firing.ended();
}

describe("a schedule on its host", () => {
  it("fires once at its second, under an id that everybody can tell, and not again after a restart in that second", async () => {
    const firing = life();
    await lookAt(firing, NIGHT - 1);
    expect(journals()).toEqual([]);
    await lookAt(firing, NIGHT);
    const id = fireId("db-1", "night", NIGHT);
    expect(journals()).toEqual([id]);
    expect(told(id)[0]).toMatchObject({ type: "run-started", kind: "backup-full", trigger: "schedule", server: "db", policy: "all", cause: { type: "schedule", schedule: "night", dueAt: "2026-11-24T01:00:00.000Z", timeZone: "Europe/Rome", late: false } });
    await lookAt(firing, NIGHT + 1);
    await lookAt(life(), NIGHT + 2);
    expect(journals()).toEqual([id]);
    await lookAt(life(), NIGHT + DAY);
    expect(journals()).toEqual([id, fireId("db-1", "night", NIGHT + DAY)]);
  });

  it("not again either when the worker died before it could note that the run began", async () => {
    life().look(nightly());
    const book = join(host.config.stateDir, "schedules.json");
    const before = readFileSync(book, "utf8");
    await lookAt(life(), NIGHT);
    const runId = fireId("db-1", "night", NIGHT);
    const written = told(runId);
    writeFileSync(book, before);
    await lookAt(life(), NIGHT + HOUR);
    expect(journals()).toEqual([runId]);
    expect(told(runId)).toEqual(written);
  });

  it("does not fire for the time before it existed, nor for its old times after a change", async () => {
    await lookAt(life(), NIGHT + HOUR);
    expect(journals()).toEqual([]);
    await lookAt(life(), NIGHT + 2 * HOUR, nightly({ cron: "0 1 * * *" }));
    expect(journals()).toEqual([]);
    await lookAt(life(), NIGHT + 23 * HOUR, nightly({ cron: "0 1 * * *" }));
    expect(journals()).toHaveLength(1);
  });

  it("a fire missed by a worker that was down is made up for within the grace, and says that it is late", async () => {
    life().look(nightly());
    await lookAt(life(), NIGHT + 3 * HOUR);
    const id = fireId("db-1", "night", NIGHT);
    expect(journals()).toEqual([id]);
    expect(told(id)).toContainEqual(expect.objectContaining({ type: "finding", severity: "warning", fault: expect.objectContaining({ code: "SCHEDULE_LATE", params: { schedule: "night", at: "2026-11-24 02:00 Europe/Rome", minutes: 180 } }) }));
  });

  it("after the grace it is on record as missed, once, with its span; the next one fires", async () => {
    life().look(nightly());
    await lookAt(life(), NIGHT + 2 * DAY + 5 * HOUR);
    const id = fireId("db-1", "night", NIGHT);
    expect(journals()).toEqual([id]);
    const span = { from: "2026-11-24T01:00:00.000Z", to: "2026-11-26T01:00:00.000Z", count: 3 };
    expect(told(id)).toMatchObject([{ type: "run-started", cause: { type: "schedule", schedule: "night" } }, { type: "run-finished", outcome: "missed", fault: { code: "SCHEDULE_MISSED", params: { schedule: "night", from: "2026-11-24 02:00 Europe/Rome", to: "2026-11-26 02:00 Europe/Rome", count: 3 } }, result: span }]);
    await lookAt(life(), NIGHT + 3 * DAY);
    expect(journals()).toEqual([id, fireId("db-1", "night", NIGHT + 3 * DAY)]);
  });

  it("of several missed the last is made up for, the others are told", async () => {
    life().look(nightly());
    await lookAt(life(), NIGHT + 2 * DAY + HOUR);
    expect(journals()).toEqual([fireId("db-1", "night", NIGHT), fireId("db-1", "night", NIGHT + 2 * DAY)]);
    expect(told(journals()[0] ?? "").at(-1)).toMatchObject({ outcome: "missed", result: { count: 2 } });
    expect(told(journals()[1] ?? "").at(-1)).toMatchObject({ outcome: "failed" });
  });

  it("is skipped and says so while a run of the same kind and server is up; another kind or server does not stand in its way", async () => {
    const runs = newRuns();
    const firing = life(runs);
    firing.look(nightly());
    const gate = Promise.withResolvers<void>();
    const up = runs.conduct("20261124T000000Z-aaaaaa", { kind: "backup-full", trigger: "manual", server: "db", stages: [] }, () => gate.promise);
    now = NIGHT;
    firing.look(nightly());
    await firing.ended();
    expect(told(fireId("db-1", "night", NIGHT)).at(-1)).toMatchObject({ outcome: "missed", fault: { code: "SCHEDULE_OVERLAP", params: { run: "20261124T000000Z-aaaaaa", server: "db" } } });
    const other = life(runs);
    other.look(nightly({ name: "four", kind: "incremental", cron: "0 */4 * * *" }));
    await lookAt(other, NIGHT + 2 * HOUR, nightly({ name: "four", kind: "incremental", cron: "0 */4 * * *" }));
    expect(told(fireId("db-1", "four", NIGHT + 2 * HOUR)).at(-1)).toMatchObject({ outcome: "failed" });
    gate.resolve();
    await up;
  });

  it("waits behind other long work; when the worker stops meanwhile, its next life begins it", async () => {
    const runs = newRuns();
    const firing = life(runs);
    firing.look(nightly());
    const up = runs.conduct("20261124T000000Z-bbbbbb", { kind: "verify", trigger: "manual", server: "db", stages: [] }, ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))));
    now = NIGHT;
    firing.look(nightly());
    expect(runs.all.at(-1)).toEqual({ runId: fireId("db-1", "night", NIGHT), kind: "backup-full", server: "db", waits: true });
    runs.drain();
    await Promise.all([up, firing.ended()]);
    now += 5000;
    firing.look(nightly());
    expect(journals()).toEqual(["20261124T000000Z-bbbbbb"]);
    await lookAt(life(), NIGHT + 60_000);
    expect(journals()).toContain(fireId("db-1", "night", NIGHT));
  });

  it("a policy that is gone: failed, with the reason", async () => {
    life().look(nightly({ policy: "gone" }));
    await lookAt(life(), NIGHT, nightly({ policy: "gone" }));
    expect(told(fireId("db-1", "night", NIGHT)).at(-1)).toMatchObject({ outcome: "failed", fault: { code: "CONFIG_UNKNOWN_NAME", params: { name: "gone" } } });
    await lookAt(life(), NIGHT + 5 * HOUR, nightly({ policy: "gone" }));
    expect(journals()).toHaveLength(1);
  });

  it("what it knew is lost with its book: nothing fires twice, nothing fires for the past", async () => {
    life().look(nightly());
    await lookAt(life(), NIGHT);
    writeFileSync(join(host.config.stateDir, "schedules.json"), "{torn");
    await lookAt(life(), NIGHT + 1000);
    expect(journals()).toHaveLength(1);
  });
});
