import { spawn } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scheduleConfig } from "#lib/contract/config/desired-state.ts";
import type { RunEvent } from "#lib/contract/events.ts";
import type { SignedManifest } from "#lib/contract/manifest/manifest.ts";
import { fireId } from "#lib/platform/ids.ts";
import { ActiveRuns } from "#worker/host/active-runs.ts";
import { journalPath, readJournal } from "#worker/host/journal.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { RecoveryReports } from "#worker/pipelines/restore/instant/recovery-reports.ts";
import { type ArchiveScene, makeArchiveScene } from "#worker/testing/archive-scene.ts";
import { writeWorkerYaml } from "#worker/testing/command-line.ts";
import { until } from "#worker/testing/processes.ts";
import { watchSchedules } from "./watch-schedules.ts";

const MINUTE = 60_000;
/** A run of this small database takes seconds; a machine under load may need far longer. */
const PATIENCE = 100_000;

let scene: ArchiveScene;
let host: HostRuntime;
/** Added to the machine's clock. */
let shift = 0;

beforeAll(async () => {
  scene = await makeArchiveScene("mysql");
  host = Object.assign(scene.live.host, { clock: { now: () => Date.now() + shift, monotonic: () => performance.now() } });
  await scene.write(20);
});
afterAll(() => scene?.close());

/** A worker's schedules in this process, until the function given back is called. */
function watching(): () => Promise<void> {
  const stop = new AbortController();
  const runs = new ActiveRuns(host, () => undefined);
  const end = watchSchedules({ host, runs }, stop.signal);
  return async () => {
    stop.abort();
    runs.drain();
    await end;
  };
}

const journal = (runId: string): RunEvent[] => readJournal(journalPath(host.folders.journals, runId));
const journals = (): RunEvent[][] => readdirSync(host.folders.journals).filter((name) => name.endsWith(".jsonl")).map((name) => readJournal(join(host.folders.journals, name)));
const startOf = (events: readonly RunEvent[]) => (events[0]?.body.type === "run-started" ? events[0].body : null);
const endOf = (events: readonly RunEvent[]) => events.map(({ body }) => body).find((body) => body.type === "run-finished") ?? null;
const afterGaps = () => journals().filter((events) => startOf(events)?.trigger === "archive-gap");

/** The clock stands two seconds before a minute from now on; gives that minute, and the cron expression of it in UTC. */
function twoSecondsBefore(): { at: number; cron: string } {
  const at = Math.ceil((Date.now() + shift) / MINUTE) * MINUTE + MINUTE;
  shift = at - 2000 - Date.now();
  const due = new Date(at);
  return { at, cron: `${due.getUTCMinutes()} ${due.getUTCHours()} * * *` };
}

describe("schedules of a host with a real server and archive, no console, no queue", () => {
  it("a full and an incremental due at the same second: both run, once, and prove what they are", async () => {
    const { at, cron } = twoSecondsBefore();
    host.settings.schedules.push(scheduleConfig.parse({ name: "night", policy: "all", cron, timeZone: "UTC" }), scheduleConfig.parse({ name: "four", policy: "all", kind: "incremental", cron, timeZone: "UTC" }));
    const endArchive = scene.archive();
    const end = watching();
    const [full, incremental] = [fireId("test-host", "night", at), fireId("test-host", "four", at)];
    await until("both have ended", () => endOf(journal(full)) !== null && endOf(journal(incremental)) !== null, PATIENCE);
    expect(startOf(journal(full))).toMatchObject({ kind: "backup-full", trigger: "schedule", cause: { schedule: "night", late: false } });
    expect(endOf(journal(full))?.outcome).toMatch(/completed|warning/);
    expect(startOf(journal(incremental))).toMatchObject({ kind: "backup-incremental", trigger: "schedule", server: "db", policy: "all", cause: { schedule: "four" } });
    expect(endOf(journal(incremental))).toMatchObject({ outcome: "completed" });
    expect(journal(incremental).flatMap(({ body }) => (body.type === "stage-finished" && body.ok ? body.stage : []))).toEqual(["rotate", "seal", "chain"]);
    // the proof of the full is a run of its own
    await until("the restore test has ended", () => journals().some((events) => startOf(events)?.kind === "verify" && endOf(events) !== null), PATIENCE);
    expect(journals().filter((events) => startOf(events)?.trigger === "schedule")).toHaveLength(2);
    host.settings.schedules.splice(0);
    await end();
    await endArchive();
  });

  it("a gap in the archive starts one full, named as its cause; so does a server that has another identity: a timeline of its own, reached from that full", async () => {
    const end = watching();
    // while nobody archives, the server forgets what was not archived
    await scene.write(3);
    await scene.sql("FLUSH BINARY LOGS");
    await scene.write(3);
    await scene.sql("FLUSH BINARY LOGS");
    await scene.sql(`PURGE BINARY LOGS TO '${(await scene.place()).file}'`);
    let endArchive = scene.archive();
    await until("a full backup after the gap", () => afterGaps().some((events) => endOf(events) !== null), PATIENCE);
    const [gap] = afterGaps();
    expect(startOf(gap ?? [])).toMatchObject({ kind: "backup-full", server: "db", policy: "all", cause: { type: "archive-gap", fault: { code: "ARCHIVE_GAP" } } });
    expect(endOf(gap ?? [])).toMatchObject({ outcome: "warning" });
    expect(gap?.map(({ body }) => body)).toContainEqual(expect.objectContaining({ type: "finding", fault: expect.objectContaining({ code: "ARCHIVE_GAP" }) }));
    const cause = startOf(gap ?? [])?.cause;
    expect(Date.parse(gap?.[0]?.at ?? "") - Date.parse(cause?.type === "archive-gap" ? cause.noticedAt : "")).toBeLessThan(2 * MINUTE);

    await end();
    await endArchive();
    const [identity] = [...new Set(scene.keys("one").map(({ serverUuid }) => serverUuid))];
    // From here on the policy copies data files: a base for instants as good as a dump.
    chmodSync(scene.live.folder, 0o711);
    await scene.sql("INSTALL PLUGIN clone SONAME 'mysql_clone.so'");
    for (const policy of host.settings.policies) Object.assign(policy, { method: "clone" });
    // As a copy of the server that was put in its place: other identity, and of what was archived before nothing that it can prove.
    await scene.restart({ between: (dataDir) => rmSync(join(dataDir, "auto.cnf")) });
    await scene.sql("RESET BINARY LOGS AND GTIDS");
    const endAgain = watching();
    endArchive = scene.archive();
    await scene.write(2);
    await until("a full backup of the other server", () => afterGaps().filter((events) => endOf(events) !== null).length === 2, PATIENCE);
    expect(afterGaps().map((events) => endOf(events)?.outcome)).toEqual(["warning", "warning"]);
    const reports = new RecoveryReports(host);
    await scene.stored();
    await until("the window reaches to the other server's last commit", async () => {
      await reports.refresh();
      return reports.all()[0]?.complete === true;
    }, PATIENCE);
    expect([...new Set(scene.keys("one").map(({ serverUuid }) => serverUuid))]).toHaveLength(2);
    expect(scene.keys("one").filter(({ serverUuid }) => serverUuid !== identity).every(({ epoch }) => epoch === 1)).toBe(true);
    const [report] = reports.all();
    const newest = report?.bands.at(-1);
    // What was reachable before ends where the old timeline does; the band behind begins with the full that was started for it.
    expect(report?.bands.length).toBeGreaterThan(1);
    const fulls = join(scene.live.destination("one"), "db/full");
    const { manifest } = JSON.parse(readFileSync(join(fulls, readdirSync(fulls).sort().at(-1) ?? "", "manifest.json"), "utf8")) as SignedManifest;
    expect(newest?.from).toBe(String(BigInt(Date.parse(manifest.snapshotAt)) * 1000n));
    expect(manifest.method).toBe("clone");
    expect(manifest.server.uuid).not.toBe(identity);
    expect(report?.gaps.at(-1)?.to).toBe(newest?.from);
    const codes = afterGaps().map((events) => startOf(events)?.cause).map((one) => (one?.type === "archive-gap" ? one.fault.code : null));
    expect(codes.sort()).toEqual(["ARCHIVE_GAP", "ARCHIVE_HISTORY_CHANGED"]);
    await endAgain();
    await endArchive();
    for (const policy of host.settings.policies) Object.assign(policy, { method: "dump" });
  });
});

describe("the worker's own process, Redis dead", () => {
  it("fires at its minute; killed in the middle and started again in the same minute, it does not run it again", async () => {
    shift = 0;
    const redis = join(scene.live.folder, "redis-url");
    writeFileSync(redis, "redis://127.0.0.1:1", { mode: 0o600 });
    const config = writeWorkerYaml(scene.live, { queue: { url: { file: redis } }, schedules: [{ name: "minutely", policy: "all", cron: "* * * * *", timeZone: "UTC", graceMinutes: 0 }] });
    const worker = () => spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "worker/main.ts", "--config", config], { stdio: "ignore", env: { NODE_ENV: "test", PATH: process.env.PATH, LOG_LEVEL: "silent" } });
    const mine = () => journals().filter((events) => startOf(events)?.cause?.type === "schedule" && JSON.stringify(events[0]).includes('"minutely"'));

    const first = worker();
    const gone = new Promise((resolve) => first.once("exit", resolve));
    await until("the run dumps", () => mine().some((events) => JSON.stringify(events).includes('"dump"')), MINUTE + PATIENCE);
    first.kill("SIGKILL");
    await gone;
    const died = mine()[0] ?? [];
    const runId = died[0]?.runId ?? "";
    expect(readFileSync(journalPath(host.folders.journals, runId), "utf8")).not.toContain("run-finished");

    const second = worker();
    const ended = new Promise((resolve) => second.once("exit", resolve));
    await until("the run is closed as interrupted", () => endOf(journal(runId)) !== null, PATIENCE);
    expect(endOf(journal(runId))).toMatchObject({ outcome: "interrupted" });
    await until("the next minute's run has ended well", () => mine().some((events) => /completed|warning/.test(endOf(events)?.outcome ?? "")), 2 * MINUTE + PATIENCE);
    second.kill("SIGTERM");
    await ended;
    // one journal for each fire, and each begun once
    for (const events of mine()) expect(events.filter(({ body }) => body.type === "run-started")).toHaveLength(1);
    expect(journal(runId).map(({ body }) => body.type).filter((type) => type === "run-started")).toHaveLength(1);
  }, 400_000);
});
