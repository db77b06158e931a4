import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import type { SetSummary } from "#lib/contract/events.ts";
import type { RestorePlan, RestoreRequest } from "#lib/contract/recovery/restore.ts";
import type { SwapOrder, SwapPlan } from "#lib/contract/recovery/swap.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { verifyAudit } from "#lib/store/audit/verify-audit.ts";
import { recordCopy, recordSet } from "#lib/store/backup/record-set.ts";
import { transaction } from "#lib/store/open-database.ts";
import { listSets } from "./backup/list-sets.ts";
import { readSet } from "./backup/read-set.ts";
import { verifySet } from "./backup/verify-set.ts";
import { reindex } from "./catalog/reindex.ts";
import { planRestore } from "./recovery/plan-restore.ts";
import { endSwap } from "./recovery/end-swap.ts";
import { listSwaps } from "./recovery/list-swaps.ts";
import { planSwap } from "./recovery/plan-swap.ts";
import { readPlan } from "./recovery/read-plan.ts";
import { readSwapPlan } from "./recovery/read-swap-plan.ts";
import { startRestore } from "./recovery/start-restore.ts";
import { startSwap } from "./recovery/start-swap.ts";
import { swapOffer } from "./recovery/swap-offer.ts";
import { furnish, openTestConsole, pairTestHost, type TestConsole, type TestHost } from "./testing/console.ts";

let console_: TestConsole;
let host: TestHost;
const SET = "20261123T020000Z-4f9a1c";
const summary = (over: Partial<SetSummary> = {}): SetSummary => ({
  setId: SET, server: "gestionelogistica", policy: "daily", host: "db-host-1", kind: "full", method: "dump", flavor: "mysql", serverVersion: "9.7.0", startedAt: "2026-11-23T02:00:00Z", snapshotAt: "2026-11-23T02:00:02Z", finishedAt: "2026-11-23T02:01:00Z",
  coordinate: null, plainBytes: 5_000_000_000, sealedBytes: 1_000_000_000, artifacts: 9, schemas: ["gestionelogistica"], tables: 16, rows: 3_000_000, recipients: ["A".repeat(40)], lockHeldMs: 12, manifestSha256: "a".repeat(64), ...over,
});
type Kind = "beside" | "in-place" | "instance" | "replace";
const request = (kind: Kind): RestoreRequest => kind === "instance" || kind === "replace" ? { setId: SET, server: "gestionelogistica", scope: { kind: "server", accounts: true }, target: kind === "instance" ? { kind, server: "risorto", port: 3310 } : { kind, server: "gestionelogistica" } } : ({
  setId: SET, server: "gestionelogistica", scope: { kind: "schemas", schemas: ["gestionelogistica"] },
  target: kind === "beside" ? { kind, server: "gestionelogistica", names: { gestionelogistica: "gestionelogistica_r1" }, leaveOutReferencing: false } : { kind, server: "gestionelogistica" },
});
let planNumber = 0;
function planFor(asked: RestoreRequest): RestorePlan {
  planNumber += 1;
  const now = console_.services.clock.now();
  return {
    planId: `20261123T100000Z-${planNumber.toString(16).padStart(6, "0")}`, hash: planNumber.toString(16).padStart(64, "b"), createdAt: new Date(now).toISOString(), expiresAt: new Date(now + 15 * 60_000).toISOString(), request: asked,
    manifestSha256: "a".repeat(64), snapshotAt: "2026-11-23T02:00:02Z", level: "proven", source: { server: "gestionelogistica", version: "9.7.0", destination: "local" }, target: { server: asked.target.server, version: "9.7.0", environment: asked.target.kind === "instance" ? "new" : "production", freeBytes: null },
    artifacts: ["010-schema.sql.zst.gpg"], sealedBytes: 1, plainBytes: 1, tables: 16, rows: 1, steps: [], warnings: [], typedName: asked.target.kind === "in-place" || asked.target.kind === "replace" ? "gestionelogistica" : null,
  };
}

beforeAll(async () => {
  console_ = await openTestConsole(inject("services"), 15);
  host = await pairTestHost(console_, "db-host-1");
  await furnish(console_, "db-host-1", "gestionelogistica", "production");
  await transaction(console_.services.db, async (tx) => {
    await recordSet(tx, summary());
    await recordCopy(tx, SET, { destination: "local", state: "intact", checkedAt: "2026-11-23T02:02:00Z", bytes: 1_000_000_000 });
  });
});
beforeEach(async () => {
  console_.shift = 0;
  await console_.services.db.run.deleteMany();
  await console_.redis.flushdb();
  await host.beat();
});
afterAll(() => console_.close());

async function planned(kind: Kind, role: "dba" | "sysadmin" = "dba"): Promise<RestorePlan> {
  const worker = await host.serve("control", (_name, payload) => ({ ok: true, plan: planFor(payload.request as RestoreRequest) }));
  const outcome = await planRestore(console_.as(role), request(kind));
  await worker.stop();
  if (!outcome.ok) throw new Error("no plan");
  return outcome.plan.plan;
}
const trail = (subject: string) => console_.services.db.auditEntry.findMany({ where: { subject }, orderBy: { sequence: "asc" } });

describe("a restore", () => {
  test("beside: planned on the target's host, stored, started once with exactly this plan", async () => {
    const plan = await planned("beside", "sysadmin");
    expect(await readPlan(console_.as("sysadmin"), { id: plan.planId })).toMatchObject({ plan, expired: false, runId: null, canStart: true });
    const { runId } = await startRestore(console_.as("sysadmin"), { planId: plan.planId, hash: plan.hash });
    const taken = await new Promise<Record<string, unknown>>((resolve) => void host.serve("run", (_name, payload) => resolve(payload)).then((worker) => setTimeout(() => void worker.stop(), 800)));
    expect(taken).toEqual({ runId, trigger: "manual", requestedBy: "sysadmin@example.org", plan });
    expect(await trail(runId)).toMatchObject([{ action: "restore.start", detail: { planId: plan.planId, hash: plan.hash, inPlace: false } }]);
    await console_.services.db.run.updateMany({ data: { state: "completed" } });
    await expect(startRestore(console_.as("sysadmin"), { planId: plan.planId, hash: plan.hash })).rejects.toMatchObject({ code: "PLAN_CHANGED" });
  });

  test("a plan that was refused comes with its reasons and is on record", async () => {
    const worker = await host.serve("control", () => ({ ok: false, faults: [{ code: "RENAME_REFUSED", params: { schema: "a", newName: "b", references: "v1" }, retryable: false }] }));
    expect(await planRestore(console_.as("dba"), request("beside"))).toMatchObject({ ok: false, faults: [{ code: "RENAME_REFUSED" }] });
    await worker.stop();
    expect((await trail(SET)).at(-1)).toMatchObject({ action: "restore.plan", detail: { ok: false, faults: ["RENAME_REFUSED"] } });
  });

  test.each(["in-place", "replace"] as const)("%s is for a DBA who types the name", async (kind) => {
    const plan = await planned(kind);
    const start = (role: "dba" | "sysadmin", typedName?: string) => startRestore(console_.as(role), { planId: plan.planId, hash: plan.hash, ...(typedName === undefined ? {} : { typedName }) });
    expect((await readPlan(console_.as("sysadmin"), { id: plan.planId })).canStart).toBe(false);
    await expect(start("sysadmin", "gestionelogistica")).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(start("dba")).rejects.toMatchObject({ code: "TYPED_NAME_WRONG" });
    await expect(start("dba", "Gestionelogistica")).rejects.toMatchObject({ code: "TYPED_NAME_WRONG" });
    expect(await console_.services.db.run.count()).toBe(0);
    await expect(start("dba", "gestionelogistica")).resolves.toBeDefined();
  });

  test("a new server is planned and started on the source's host, under no name that is registered, by a DBA", async () => {
    const plan = await planned("instance", "sysadmin");
    const start = (role: "dba" | "sysadmin") => startRestore(console_.as(role), { planId: plan.planId, hash: plan.hash });
    expect((await readPlan(console_.as("sysadmin"), { id: plan.planId })).canStart).toBe(false);
    await expect(start("sysadmin")).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect((await readPlan(console_.as("dba"), { id: plan.planId })).canStart).toBe(true);
    const { runId } = await start("dba");
    expect(await console_.services.db.run.findUniqueOrThrow({ where: { id: runId } })).toMatchObject({ kind: "restore", state: "queued", setId: SET, serverName: "gestionelogistica", hostName: "db-host-1" });
  });

  test("another hash, an expired plan, an unknown plan, a second restore at once: refused, nothing queued", async () => {
    const plan = await planned("beside");
    await expect(startRestore(console_.as("dba"), { planId: plan.planId, hash: "c".repeat(64) })).rejects.toMatchObject({ code: "PLAN_CHANGED" });
    await expect(startRestore(console_.as("dba"), { planId: "20261123T100000Z-ffffff", hash: plan.hash })).rejects.toMatchObject({ code: "NOT_FOUND" });
    console_.shift = 15 * 60_000 + 1;
    await expect(startRestore(console_.as("dba"), { planId: plan.planId, hash: plan.hash })).rejects.toMatchObject({ code: "PLAN_EXPIRED", params: { minutes: 15 } });
    expect(await console_.services.db.run.count()).toBe(0);
    console_.shift = 0;
    const other = await planned("beside");
    const both = await Promise.allSettled([plan, other].map(({ planId, hash }) => startRestore(console_.as("dba"), { planId, hash })));
    expect(both.map((one) => (one.status === "rejected" ? one.reason.code : "done")).sort()).toEqual(["RUN_ALREADY_ACTIVE", "done"]);
    expect((await Promise.all([plan, other].map(({ planId }) => readPlan(console_.as("dba"), { id: planId })))).filter((view) => view.runId !== null)).toHaveLength(1);
  });

  test("is not for developers", async () => {
    await expect(planRestore(console_.as("developer"), request("beside"))).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
});

describe("a swap", () => {
  const swapPlan = (undoes?: string): SwapPlan => {
    const { planId, hash, createdAt, expiresAt } = planFor(request("beside"));
    const pair = { live: "gestionelogistica", restored: "gestionelogistica_r1", kept: "gestionelogistica_pre_1" };
    const asked = { server: "gestionelogistica", pairs: [pair], moveRest: false, lockWaitSeconds: 10, ownChecks: false, ...(undoes ? { undoes } : {}) };
    return { planId, hash, createdAt, expiresAt, request: asked, target: { server: "gestionelogistica", version: "9.7.0", environment: "production" }, way: "held", tables: [], triggers: [], holders: [], commands: [], warnings: [], typedName: "gestionelogistica" };
  };
  const plannedSwap = async (order: SwapOrder, plan: SwapPlan) => {
    const orders: unknown[] = [];
    const worker = await host.serve("control", (_name, payload) => {
      orders.push(payload.order);
      return { ok: true, plan };
    });
    expect(await planSwap(console_.as("dba"), order)).toEqual({ ok: true, planId: plan.planId });
    await worker.stop();
    expect(orders).toEqual([order]);
  };

  test("follows a restore beside that went well, and is followed by its way back; for a DBA who types the name", async () => {
    const restored = await planned("beside");
    const { runId } = await startRestore(console_.as("dba"), { planId: restored.planId, hash: restored.hash });
    expect(await swapOffer(console_.as("sysadmin"), { id: runId })).toBeNull();
    const done = () => console_.services.db.run.updateMany({ data: { state: "completed" } });
    await done();
    const offer = await swapOffer(console_.as("sysadmin"), { id: runId });
    expect(offer).toEqual({ server: "gestionelogistica", order: { kind: "swap", server: "gestionelogistica", pairs: { gestionelogistica: "gestionelogistica_r1" }, moveRest: false, lockWaitSeconds: 10, ownChecks: true }, pairs: { gestionelogistica: "gestionelogistica_r1" }, checks: 0 });
    const plan = swapPlan();
    await expect(planSwap(console_.as("sysadmin"), offer?.order as SwapOrder)).rejects.toMatchObject({ code: "FORBIDDEN" });
    await plannedSwap(offer?.order as SwapOrder, plan);
    await expect(readPlan(console_.as("dba"), { id: plan.planId })).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await readSwapPlan(console_.as("sysadmin"), { id: plan.planId })).toMatchObject({ plan, canStart: false });
    const start = (role: "dba" | "sysadmin", typedName: string, hash = plan.hash) => startSwap(console_.as(role), { planId: plan.planId, hash, typedName });
    await expect(start("sysadmin", "gestionelogistica")).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(start("dba", "gestionelogistica_r1")).rejects.toMatchObject({ code: "TYPED_NAME_WRONG" });
    await expect(start("dba", "gestionelogistica", "c".repeat(64))).rejects.toMatchObject({ code: "PLAN_CHANGED" });
    const swapped = await start("dba", "gestionelogistica");
    expect(await trail(swapped.runId)).toMatchObject([{ action: "swap.start", detail: { planId: plan.planId, hash: plan.hash } }]);
    await expect(start("dba", "gestionelogistica")).rejects.toMatchObject({ code: "RUN_ALREADY_ACTIVE" });
    await done();
    const back = await swapOffer(console_.as("dba"), { id: swapped.runId });
    expect(back).toEqual({ server: "gestionelogistica", order: { kind: "undo", runId: swapped.runId, lockWaitSeconds: 10 }, pairs: { gestionelogistica: "gestionelogistica_pre_1" }, checks: 0 });
    const undo = swapPlan(swapped.runId);
    await plannedSwap(back?.order as SwapOrder, undo);
    const undone = await startSwap(console_.as("dba"), { planId: undo.planId, hash: undo.hash, typedName: "gestionelogistica" });
    await done();
    expect(await swapOffer(console_.as("dba"), { id: undone.runId })).toBeNull();
    // How they stand is the host's to say; what they replaced is dropped by a run, whose host looks at what was typed.
    const standing = { runId: swapped.runId, at: "2026-11-23T03:00:00.000Z", state: "undone", request: plan.request, dropName: "gestionelogistica_pre_1" };
    const worker = await host.serve("control", () => ({ swaps: [standing] }));
    expect(await listSwaps(console_.as("sysadmin"), { server: "gestionelogistica" })).toEqual([standing]);
    await worker.stop();
    await expect(listSwaps(console_.as("developer"), { server: "gestionelogistica" })).rejects.toMatchObject({ code: "FORBIDDEN" });
    const end = { swap: swapped.runId, end: "drop", typedName: "gestionelogistica_pre_1" } as const;
    await expect(endSwap(console_.as("sysadmin"), end)).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(endSwap(console_.as("dba"), { ...end, swap: "20200101T000000Z-000000" })).rejects.toMatchObject({ code: "NOT_FOUND" });
    const dropping = await endSwap(console_.as("dba"), end);
    expect(await trail(dropping.runId)).toMatchObject([{ action: "swap.drop", detail: { swap: swapped.runId } }]);
    await expect(endSwap(console_.as("dba"), { ...end, end: "recover" })).rejects.toMatchObject({ code: "RUN_ALREADY_ACTIVE" });
    expect((await trail("gestionelogistica")).filter(({ action }) => action === "restore.swap").map(({ outcome }) => outcome)).toEqual(["done", "done"]);
  });
});

describe("a set", () => {
  test("is listed with its copies; production sets are hidden from developers", async () => {
    expect(await listSets(console_.as("dba"), { destination: "local" })).toMatchObject({ total: 1, rows: [{ id: SET, rows: 3_000_000, sealedBytes: 1_000_000_000, copies: [{ destination: "local", state: "intact" }] }] });
    expect((await listSets(console_.as("dba"), { destination: "nowhere" })).total).toBe(0);
    expect((await listSets(console_.as("developer"), {})).total).toBe(0);
    await expect(readSet(console_.as("developer"), { id: SET })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("a look inside is on record, even when the host cannot answer", async () => {
    const before = (await trail(SET)).length;
    const worker = await host.serve("control", () => {
      throw new Fault("DESTINATION_UNREACHABLE", { params: { destination: "local", message: "away" } });
    });
    expect((await readSet(console_.as("sysadmin"), { id: SET, withContents: true })).contents).toMatchObject({ ok: false, fault: { code: "DESTINATION_UNREACHABLE" } });
    await worker.stop();
    await console_.redis.flushdb();
    expect((await readSet(console_.as("sysadmin"), { id: SET, withContents: true })).contents).toMatchObject({ ok: false, fault: { code: "HOST_SILENT" } });
    expect((await trail(SET)).slice(before).map((entry) => entry.action)).toEqual(["backup.view-contents", "backup.view-contents"]);
  });

  test("is verified by a run of its own", async () => {
    const { runId } = await verifySet(console_.as("sysadmin"), { id: SET, level: "intact" });
    expect(await console_.services.db.run.findUniqueOrThrow({ where: { id: runId } })).toMatchObject({ kind: "verify", state: "queued", setId: SET, serverName: "gestionelogistica" });
  });

  test("an empty catalog is rebuilt from a destination; untrusted sets stay out; a second time changes nothing", async () => {
    await console_.services.db.backupSet.deleteMany();
    const verification = { format: "salvagente-verification/1", setId: SET, manifestSha256: "a".repeat(64), level: "proven", updatedAt: "2026-11-23T02:30:00Z", copies: [{ destination: "db-host-1-local", state: "intact", checkedAt: "2026-11-23T02:30:00Z", bytes: 7 }], restoreTest: null };
    const worker = await host.serve("control", () => ({
      sets: [{ summary: summary(), verification, trusted: true }, { summary: summary({ setId: "20261122T020000Z-4f9a1c" }), verification: null, trusted: true }, { summary: summary({ setId: "20261121T020000Z-4f9a1c" }), verification: null, trusted: false }],
      problems: [],
    }));
    for (const _time of [1, 2]) {
      expect(await reindex(console_.as("dba"), { destination: "db-host-1-local" })).toEqual({ sets: 2, untrusted: ["20261121T020000Z-4f9a1c"], problems: [] });
      const page = await listSets(console_.as("dba"), {});
      expect(page.rows.map((set) => [set.id, set.level, set.copies.map((copy) => copy.state)])).toEqual([[SET, "proven", ["intact"]], ["20261122T020000Z-4f9a1c", "completed", ["stored"]]]);
    }
    await worker.stop();
  });
});

test("the trail is whole", async () => expect((await verifyAudit(console_.services.db)).ok).toBe(true));
