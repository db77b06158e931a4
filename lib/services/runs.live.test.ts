import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { fillRuns } from "#lib/store/testing/fill-runs.ts";
import { verifyAudit } from "#lib/store/audit/verify-audit.ts";
import { cancelRun } from "./run/cancel-run.ts";
import { exportRuns } from "./run/export-runs.ts";
import { listRuns } from "./run/list-runs.ts";
import { readRun } from "./run/read-run.ts";
import { readRunEvents } from "./run/read-run-events.ts";
import { runBackup } from "./run/run-backup.ts";
import { readDashboard } from "./status/read-dashboard.ts";
import { furnish, openTestConsole, pairTestHost, type TestConsole, type TestHost } from "./testing/console.ts";

let console_: TestConsole;
let host: TestHost;
beforeAll(async () => {
  console_ = await openTestConsole(inject("services"), 11);
  host = await pairTestHost(console_, "db-host-1");
  await furnish(console_, "db-host-1", "gestionelogistica", "production");
  await furnish(console_, "db-host-1", "logistica-test", "test");
});
afterAll(() => console_.close());

describe("a backup by hand", () => {
  beforeEach(async () => {
    await console_.services.db.run.deleteMany();
    await console_.redis.flushdb();
  });

  test("is a row, an audit entry and a signed job; the worker gets exactly what was asked", async () => {
    const { runId } = await runBackup(console_.as("sysadmin"), { policy: "gestionelogistica-daily" });
    const taken = new Promise((resolve) => {
      void host.serve("run", (name, payload) => resolve({ name, payload })).then((worker) => setTimeout(() => void worker.stop(), 1500));
    });
    expect(await taken).toEqual({ name: "backup-full", payload: { runId, policy: "gestionelogistica-daily", trigger: "manual", requestedBy: "sysadmin@example.org" } });
    expect(await readRun(console_.as("dba"), { id: runId })).toMatchObject({ state: "queued", server: "gestionelogistica", environment: "production", requestedBy: "sysadmin@example.org", canCancel: true });
    expect(await console_.services.db.auditEntry.findFirst({ where: { subject: runId } })).toMatchObject({ action: "backup.run", actor: "sysadmin@example.org", address: "192.0.2.7", outcome: "done" });
    await new Promise((resolve) => setTimeout(resolve, 1600));
  });

  test("an incremental and a differential are jobs of their own, also while a full waits, and only of a policy that archives, or dumps", async () => {
    const policy = "gestionelogistica-daily";
    await expect(runBackup(console_.as("sysadmin"), { policy, kind: "incremental" })).rejects.toMatchObject({ code: "ARCHIVE_NOT_CONFIGURED", params: { server: "gestionelogistica" } });
    const { config } = await console_.services.db.policy.findUniqueOrThrow({ where: { name: policy } });
    const plain = config as Record<string, string>;
    await console_.services.db.policy.update({ where: { name: policy }, data: { config: { ...plain, archive: true } } });
    try {
      const full = await runBackup(console_.as("sysadmin"), { policy });
      const { runId } = await runBackup(console_.as("sysadmin"), { policy, kind: "incremental" });
      await expect(runBackup(console_.as("dba"), { policy, kind: "incremental" })).rejects.toMatchObject({ code: "RUN_ALREADY_ACTIVE", params: { id: runId } });
      const taken: unknown[] = [];
      const worker = await host.serve("run", async (name, payload) => taken.push([name, payload.runId]));
      await expect.poll(() => taken, { timeout: 30_000 }).toEqual([["backup-full", full.runId], ["backup-incremental", runId]]);
      await worker.stop();
      expect(await readRun(console_.as("dba"), { id: runId })).toMatchObject({ kind: "backup-incremental", state: "queued" });
      const differential = await runBackup(console_.as("sysadmin"), { policy, kind: "differential" });
      expect(await readRun(console_.as("dba"), { id: differential.runId })).toMatchObject({ kind: "backup-differential", state: "queued", requestedBy: "sysadmin@example.org" });
      expect(await console_.services.db.auditEntry.findFirst({ where: { subject: differential.runId } })).toMatchObject({ action: "backup.run", detail: { kind: "differential" } });
      await console_.services.db.policy.update({ where: { name: policy }, data: { config: { ...plain, method: "clone" } } });
      await expect(runBackup(console_.as("sysadmin"), { policy, kind: "differential" })).rejects.toMatchObject({ code: "DIFFERENTIAL_METHOD" });
    } finally {
      await console_.services.db.policy.update({ where: { name: policy }, data: { config: plain } });
    }
  });

  test("of two people at once one gets through", async () => {
    const both = await Promise.allSettled([runBackup(console_.as("dba"), { policy: "gestionelogistica-daily" }), runBackup(console_.as("sysadmin"), { policy: "gestionelogistica-daily" })]);
    expect(both.map((one) => (one.status === "rejected" ? one.reason.code : "done")).sort()).toEqual(["RUN_ALREADY_ACTIVE", "done"]);
    expect(await console_.services.db.run.count()).toBe(1);
  });

  test("is not for developers, and the attempt is on record", async () => {
    for (const kind of ["full", "differential"] as const) await expect(runBackup(console_.as("developer"), { policy: "logistica-test-daily", kind })).rejects.toMatchObject({ code: "FORBIDDEN", params: { action: "backup.run", roles: "dba, sysadmin" } });
    expect(await console_.services.db.run.count()).toBe(0);
    expect(await console_.services.db.auditEntry.count({ where: { actor: "developer@example.org", action: "backup.run", outcome: "refused" } })).toBe(2);
  });

  test.each([[{ policy: "nowhere" }, "NOT_FOUND"], [{ policy: "Not A Slug" }, "INPUT_INVALID"], [{ policy: "" }, "INPUT_INVALID"]])("%j → %s", async (input, code) => {
    await expect(runBackup(console_.as("dba"), input)).rejects.toMatchObject({ code });
  });

  test("is taken back while it waits", async () => {
    const { runId } = await runBackup(console_.as("dba"), { policy: "gestionelogistica-daily" });
    expect(await cancelRun(console_.as("sysadmin"), { id: runId })).toEqual({ state: "cancelled" });
    expect(await readRun(console_.as("dba"), { id: runId })).toMatchObject({ state: "cancelled", cancelAskedBy: "sysadmin@example.org", canCancel: false });
    await expect(cancelRun(console_.as("sysadmin"), { id: runId })).rejects.toMatchObject({ code: "RUN_ENDED" });
    await expect(runBackup(console_.as("dba"), { policy: "gestionelogistica-daily" })).resolves.toBeDefined();
  });

  test("is asked to stop once a worker has it", async () => {
    let release = (): void => undefined;
    const worker = await host.serve("run", () => new Promise<void>((resolve) => { release = resolve; }));
    const asked = new Promise((resolve) => { void host.serve("control", (name, payload) => { resolve({ name, payload }); return { found: true }; }).then((control) => setTimeout(() => void control.stop(), 3000)); });
    const { runId } = await runBackup(console_.as("dba"), { policy: "gestionelogistica-daily" });
    await expect.poll(async () => (await console_.redis.llen("bull:host-db-host-1:active")), { timeout: 5000 }).toBe(1);
    expect(await cancelRun(console_.as("sysadmin"), { id: runId })).toEqual({ state: "asked" });
    expect(await asked).toEqual({ name: "cancel-run", payload: { runId, requestedBy: "sysadmin@example.org" } });
    release();
    await worker.stop();
  });
});

describe("with 50,000 runs", () => {
  const now = Date.now();
  beforeAll(async () => {
    await console_.services.db.run.deleteMany();
    await fillRuns(console_.services.db, 50_000, now);
  });

  test("first, last and middle pages are right and in order", async () => {
    const first = await listRuns(console_.as("dba"), {});
    expect(first).toMatchObject({ total: 50_000, pages: 2000, servers: ["gestionelogistica", "logistica-staging", "logistica-test"] });
    const last = await listRuns(console_.as("dba"), { page: 2000 });
    expect(last.rows).toHaveLength(25);
    const instants = [...first.rows, ...(await listRuns(console_.as("dba"), { page: 1000 })).rows, ...last.rows].map((run) => run.queuedAt);
    expect(instants).toEqual(instants.toSorted().reverse());
    expect((await listRuns(console_.as("dba"), { page: 2001 })).rows).toEqual([]);
  });

  test("filters narrow by state, kind, server, text and time", async () => {
    const { db } = console_.services;
    const page = await listRuns(console_.as("dba"), { states: ["failed"], kinds: ["restore"], server: "logistica-test", text: "DUMP_failed db-host" });
    expect(page.total).toBe(await db.run.count({ where: { state: "failed", kind: "restore", serverName: "logistica-test" } }));
    expect(page.total).toBeGreaterThan(100);
    const from = new Date(now - 86_400_000).toISOString();
    const day = await listRuns(console_.as("dba"), { from, pageSize: 200 });
    expect(day.total).toBeGreaterThan(1200);
    expect(day.rows.every((run) => run.queuedAt >= from)).toBe(true);
    expect((await listRuns(console_.as("dba"), { text: "100%_" })).total).toBe(0);
    expect((await listRuns(console_.as("dba"), { text: "\0restore\ud800" })).total).toBe(0);
    expect((await listRuns(console_.as("dba"), { text: "\0 restore" })).total).toBe(12_500);
  });

  test("developers see test and staging only, on every way in", async () => {
    const page = await listRuns(console_.as("developer"), {});
    expect(page.servers).toEqual(["logistica-staging", "logistica-test"]);
    expect(page.total).toBe(await console_.services.db.run.count({ where: { environment: { in: ["staging", "test"] } } }));
    expect((await listRuns(console_.as("developer"), { server: "gestionelogistica" })).total).toBe(0);
    const hidden = await console_.services.db.run.findFirstOrThrow({ where: { environment: "production" } });
    await expect(readRun(console_.as("developer"), { id: hidden.id })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(readRunEvents(console_.as("developer"), { id: hidden.id })).rejects.toMatchObject({ code: "NOT_FOUND" });
    const board = await readDashboard(console_.as("developer"));
    expect(board.servers.map((server) => server.server)).toEqual(["logistica-test"]);
    expect([...board.recentRuns, ...board.activeRuns].every((run) => run.environment !== "production")).toBe(true);
    expect(board.services.filter((service) => service.kind === "server").map((service) => service.name)).toEqual(["logistica-test"]);
  });

  test("the CSV has every filtered run once, with local times and no formulas", async () => {
    await console_.services.db.run.create({ data: { id: "20200101T000000Z-00000a", kind: "restore", state: "failed", trigger: "manual", hostName: "db-host-1", serverName: "logistica-test", environment: "test", requestedBy: '=HYPERLINK("http://x","y")', queuedAt: new Date("2020-07-01T10:00:00Z") } });
    let text = "";
    for await (const piece of await exportRuns(console_.as("developer"), { states: ["failed"], server: "logistica-test" })) text += piece;
    const lines = text.trimEnd().split("\r\n");
    expect(lines.length - 1).toBe(await console_.services.db.run.count({ where: { state: "failed", serverName: "logistica-test" } }));
    expect(new Set(lines.map((line) => line.split(",")[0])).size).toBe(lines.length);
    expect(lines.at(-1)).toContain(`"'=HYPERLINK(""http://x"",""y"")"`);
    expect(lines.at(-1)).toContain("2020-07-01T10:00:00.000Z,2020-07-01 12:00:00");
  });

  test("the dashboard counts the days", async () => {
    const board = await readDashboard(console_.as("dba"));
    expect(board.days).toHaveLength(30);
    const sum = board.days.reduce((total, day) => total + day.completed + day.warning + day.failed + day.other, 0);
    expect(sum).toBe(await console_.services.db.run.count({ where: { queuedAt: { gte: new Date(`${board.days[0]?.day}T00:00:00+01:00`) } } }));
    expect(board.state).toBe("unprotected");
    expect(board.reasons[0]).toMatchObject({ code: "no-backup", severity: "critical" });
    expect(board.nextFires.length).toBeGreaterThan(0);
    expect(board.services.find((service) => service.kind === "postgres")).toMatchObject({ state: "up" });
  });

  test("a swap that was cut off is to be done, until a later one of its server goes well", async () => {
    const now = Date.now();
    const swap = (minutesAgo: number, state: string) => console_.services.db.run.create({ data: { id: `20260101T000000Z-0000${90 - minutesAgo}`, kind: "swap", state, trigger: "manual", hostName: "db-host-1", serverName: "gestionelogistica", environment: "production", queuedAt: new Date(now - minutesAgo * 60_000) } });
    const lost = async (role: "dba" | "developer") => (await readDashboard(console_.as(role))).lostSwaps;
    await swap(9, "completed");
    expect(await lost("dba")).toEqual([]);
    const { id } = await swap(8, "interrupted");
    await swap(7, "failed");
    expect(await lost("dba")).toEqual([{ runId: id, server: "gestionelogistica" }]);
    expect(await lost("developer")).toEqual([]);
    await swap(6, "completed");
    expect(await lost("dba")).toEqual([]);
  });
});

test("the trail of all this is whole", async () => {
  expect((await verifyAudit(console_.services.db)).ok).toBe(true);
});
