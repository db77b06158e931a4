import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { RunEvent, RunEventBody, SetSummary } from "#lib/contract/events.ts";
import { type FreshDatabase, freshDatabase } from "../testing/fresh-database.ts";
import { recordEvents } from "./record-events.ts";
import { recordResult } from "./record-result.ts";

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase(inject("services").postgres.url);
  const paired = { hostname: "db1", signingKey: "k", boxKey: "b", fingerprint: "f", pairedAt: new Date(), pairedBy: "anna" };
  await fresh.db.host.createMany({ data: [{ name: "db-host-1", ...paired }, { name: "db-host-2", ...paired }] });
  await fresh.db.server.create({ data: { name: "gestionelogistica", hostName: "db-host-1", environment: "production", config: {} } });
});
afterAll(() => fresh.drop());

const START = Date.parse("2026-11-23T02:00:00.000Z");
const summary = (setId: string): SetSummary => ({
  setId, server: "gestionelogistica", policy: "daily", host: "db-host-1", kind: "full", method: "dump", flavor: "mysql", serverVersion: "9.7.0", startedAt: "2026-11-23T02:00:00Z", snapshotAt: "2026-11-23T02:00:02Z",
  finishedAt: "2026-11-23T02:01:00Z", coordinate: null, plainBytes: 5_000_000_000, sealedBytes: 1_000_000_000, artifacts: 9, schemas: ["gestionelogistica"], tables: 16, rows: 3_000_000_000, recipients: ["A".repeat(40)], lockHeldMs: 12, manifestSha256: "a".repeat(64),
});
const backup = (runId: string, setId: string): RunEvent[] =>
  ([
    { type: "run-started", kind: "backup-full", trigger: "schedule", server: "gestionelogistica", policy: "daily", stages: ["dump", "store"] },
    { type: "stage-started", stage: "dump" },
    { type: "progress", progress: { stage: "dump", bytesDone: 5 } },
    { type: "stage-finished", stage: "dump", seconds: 3, ok: true },
    { type: "set", summary: summary(setId) },
    { type: "copy", setId, copy: { destination: "local", state: "stored", checkedAt: "2026-11-23T02:01:01Z", bytes: 1_000_000_000 } },
    { type: "verification", setId, level: "intact", copies: [{ destination: "local", state: "intact", checkedAt: "2026-11-23T02:01:05Z", bytes: 1_000_000_000 }], restoreTest: null },
    { type: "run-finished", outcome: "completed", seconds: 70 },
  ] satisfies RunEventBody[]).map((body, index) => ({ v: 1, host: "db-host-1", runId, seq: index + 1, at: new Date(START + index * 1000).toISOString(), body }));

async function state(runId: string) {
  const run = await fresh.db.run.findUnique({ where: { id: runId }, include: { events: { orderBy: { seq: "asc" } } } });
  const set = run?.setId ? await fresh.db.backupSet.findUnique({ where: { id: run.setId }, include: { copies: true } }) : null;
  return { run, set };
}

test("a scheduled run that nobody queued appears whole: run, set, copies, verdict", async () => {
  const id = "20261123T020000Z-000001";
  await recordEvents(fresh.db, "db-host-1", id, backup(id, id));
  const { run, set } = await state(id);
  expect(run).toMatchObject({ kind: "backup-full", state: "completed", trigger: "schedule", environment: "production", serverName: "gestionelogistica", setId: id, bytes: 1_000_000_000n, lastSeq: 8, finishSeq: 8 });
  expect(run?.events.map((event) => event.seq)).toEqual([1, 2, 4, 5, 6, 7, 8]);
  expect(set).toMatchObject({ level: "intact", rows: 3_000_000_000n, copies: [{ destination: "local", state: "intact" }] });
});

test("one by one, backwards and twice gives the same as at once", async () => {
  const id = "20261123T020000Z-000002";
  const events = backup(id, id);
  for (const event of events.toReversed()) await recordEvents(fresh.db, "db-host-1", id, [event]);
  const once = await state(id);
  await recordEvents(fresh.db, "db-host-1", id, [...events, ...events]);
  const twice = await state(id);
  expect(twice).toEqual(once);
  expect(once.run).toMatchObject({ state: "completed", setId: id, finishSeq: 8 });
  expect(once.set).toMatchObject({ level: "intact", copies: [{ state: "intact" }] });
});

test("two recorders at once lose and double nothing", async () => {
  const id = "20261123T020000Z-000003";
  const events = backup(id, id);
  await Promise.all([recordEvents(fresh.db, "db-host-1", id, events), recordEvents(fresh.db, "db-host-1", id, events.slice(2)), ...events.map((event) => recordEvents(fresh.db, "db-host-1", id, [event]))]);
  const { run } = await state(id);
  expect(run).toMatchObject({ state: "completed", lastSeq: 8 });
  expect(run?.events.filter((event) => event.type !== "progress").map((event) => event.seq)).toEqual([1, 2, 4, 5, 6, 7, 8]);
});

test("a host cannot speak about another's run or set", async () => {
  const theirs = "20261123T020000Z-000001";
  const before = await state(theirs);
  const forged = backup(theirs, theirs).map((event) => ({ ...event, host: "db-host-2", seq: event.seq + 100 }));
  await expect(recordEvents(fresh.db, "db-host-2", theirs, forged)).rejects.toMatchObject({ code: "JOB_REFUSED" });
  const own = "20261123T030000Z-00000b";
  await recordEvents(fresh.db, "db-host-2", own, [
    { v: 1, host: "db-host-2", runId: own, seq: 1, at: "2026-11-23T03:00:00Z", body: { type: "set", summary: { ...summary(theirs), host: "db-host-2", tables: 1 } } },
    { v: 1, host: "db-host-2", runId: own, seq: 2, at: "2026-11-23T03:00:00Z", body: { type: "verification", setId: theirs, level: "proven", copies: [], restoreTest: null } },
  ]);
  expect(await state(theirs)).toEqual(before);
});

test("a returned job ends a run whose last events were lost, and late events do not revive it", async () => {
  const id = "20261123T020000Z-000004";
  const events = backup(id, id);
  await recordEvents(fresh.db, "db-host-1", id, events.slice(0, 3));
  await recordResult(fresh.db, "db-host-1", { runId: id, outcome: "warning", fault: null, lastSeq: 8, at: new Date(START + 70_000) });
  expect((await state(id)).run).toMatchObject({ state: "warning", finishSeq: 8 });
  await recordEvents(fresh.db, "db-host-1", id, events.slice(3, 5));
  expect((await state(id)).run).toMatchObject({ state: "warning", setId: id });
  await recordEvents(fresh.db, "db-host-1", id, events.slice(5));
  expect((await state(id)).run).toMatchObject({ state: "completed", finishSeq: 8 });
});

test("a stalled job makes it interrupted, but the worker's own word counts more", async () => {
  const id = "20261123T020000Z-000005";
  const events = backup(id, id);
  await recordEvents(fresh.db, "db-host-1", id, events.slice(0, 2));
  await recordResult(fresh.db, "db-host-1", { runId: id, outcome: "interrupted", fault: { code: "INTERRUPTED", params: {}, retryable: false }, lastSeq: null, at: new Date(START) });
  expect((await state(id)).run).toMatchObject({ state: "interrupted", faultCode: "INTERRUPTED", finishSeq: null });
  await recordEvents(fresh.db, "db-host-1", id, events.slice(2));
  expect((await state(id)).run).toMatchObject({ state: "completed", faultCode: null });
});

test.each(["restore", "swap"] as const)("a %s from a host's command line stands in the audit trail with its end", async (kind) => {
  const id = `20261123T040000Z-00000${kind === "swap" ? "b" : "6"}`;
  const body: RunEventBody[] = [{ type: "run-started", kind, trigger: "cli", server: "gestionelogistica", stages: [], requestedBy: "root" }, { type: "run-finished", outcome: "failed", seconds: 2, fault: { code: "LOAD_FAILED", params: {}, retryable: false } }];
  await recordEvents(fresh.db, "db-host-1", id, body.map((each, index) => ({ v: 1, host: "db-host-1", runId: id, seq: index + 1, at: "2026-11-23T04:00:00Z", body: each })));
  const trail = await fresh.db.auditEntry.findMany({ where: { subject: id }, orderBy: { sequence: "asc" } });
  expect(trail.map(({ actor, action, outcome }) => [actor, action, outcome])).toEqual([["worker:db-host-1", `${kind}.from-cli`, "done"], ["worker:db-host-1", `${kind}.end`, "failed"]]);
});

test("a lost swap that a worker ends by itself stands in the audit trail: who, which, and which way", async () => {
  const [id, swap] = ["20261123T041000Z-00000c", "20261123T040900Z-00000d"];
  const body: RunEventBody[] = [
    { type: "run-started", kind: "swap", trigger: "lost-swap", server: "gestionelogistica", stages: ["cutover"], cause: { type: "lost-swap", swap } },
    { type: "run-finished", outcome: "completed", seconds: 2, result: { swap, state: "taken-back" } },
  ];
  const events = body.map((each, index): RunEvent => ({ v: 1, host: "db-host-1", runId: id, seq: index + 1, at: "2026-11-23T04:10:00Z", body: each }));
  for (const event of [...events, ...events]) await recordEvents(fresh.db, "db-host-1", id, [event]);
  const trail = await fresh.db.auditEntry.findMany({ where: { subject: id }, orderBy: { sequence: "asc" } });
  expect(trail.map(({ actor, action, outcome, detail }) => ({ actor, action, outcome, detail }))).toEqual([
    { actor: "worker:db-host-1", action: "swap.recover", outcome: "done", detail: { server: "gestionelogistica", swap } },
    { actor: "worker:db-host-1", action: "swap.end", outcome: "done", detail: { outcome: "completed", fault: null, result: { swap, state: "taken-back" } } },
  ]);
});

test("what programs print is kept, even where PostgreSQL cannot hold every character of it", async () => {
  const id = "20261123T050000Z-000007";
  const text = "bad\0 byte \ud800 half 🛟";
  await recordEvents(fresh.db, "db-host-1", id, [
    { v: 1, host: "db-host-1", runId: id, seq: 1, at: "2026-11-23T05:00:00Z", body: { type: "log", level: "error", text } },
    { v: 1, host: "db-host-1", runId: id, seq: 2, at: "2026-11-23T05:00:01Z", body: { type: "run-finished", outcome: "failed", seconds: 1, fault: { code: "DUMP_FAILED", params: { message: text }, retryable: true, detail: text } } },
  ]);
  const { run } = await state(id);
  expect(run).toMatchObject({ state: "failed", fault: { detail: "bad\ufffd byte \ufffd half 🛟" } });
  expect(run?.events).toHaveLength(2);
});
