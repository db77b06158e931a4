import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { verifyAudit } from "#lib/store/audit/verify-audit.ts";
import { furnish, openTestConsole, pairTestHost, type TestConsole } from "../testing/console.ts";
import { deleteSetting } from "./delete-setting.ts";

const HOST = "db-host-1";
type Input = Parameters<typeof deleteSetting>[1];

let console_: TestConsole;
beforeAll(async () => {
  console_ = await openTestConsole(inject("services"), 10);
  await pairTestHost(console_, HOST);
  await furnish(console_, HOST, "logistica", "production");
});
afterAll(() => console_?.close());

const attempt = (input: Input, role: "dba" | "sysadmin" | "developer" = "dba") => deleteSetting(console_.as(role), input);
const revision = async () => (await console_.services.db.host.findUniqueOrThrow({ where: { name: HOST } })).wantedRevision;

describe("deleting a setting", () => {
  test.each<[string, Input, string]>([
    ["a server with a policy", { kind: "server", name: "logistica" }, "policy logistica-daily"],
    ["a destination of a policy", { kind: "destination", name: `${HOST}-local` }, "policy logistica-daily"],
    ["a key of a policy", { kind: "key", name: `${HOST}-key` }, "policy logistica-daily"],
    ["a policy with a schedule", { kind: "policy", name: "logistica-daily" }, "schedule logistica-night"],
  ])("is refused, and tells what needs it: %s", async (_what, input, users) => {
    const before = await revision();
    await expect(attempt(input)).rejects.toMatchObject({ code: "SETTING_IN_USE", params: { kind: input.kind, name: input.name, users } });
    expect(await revision()).toBe(before);
  });

  test("is for those who may change it, and a refusal is on record", async () => {
    await expect(attempt({ kind: "key", name: `${HOST}-key` }, "sysadmin")).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(attempt({ kind: "schedule", name: "logistica-night" }, "developer")).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(attempt({ kind: "server", name: "nobody" })).rejects.toMatchObject({ code: "NOT_FOUND", params: { kind: "server", id: "nobody" } });
    expect(await console_.services.db.auditEntry.findFirst({ where: { outcome: "refused", subject: `key ${HOST}-key` } })).toMatchObject({ actor: "sysadmin@example.org", action: "settings.change" });
  });

  test("waits for a run under way", async () => {
    const { db } = console_.services;
    const before = await revision();
    expect(await attempt({ kind: "schedule", name: "logistica-night" }, "sysadmin")).toMatchObject({ revision: before + 1, sent: true });
    const id = "20261101T020000Z-abcdef01";
    await db.run.create({ data: { id, kind: "backup-full", state: "running", trigger: "manual", hostName: HOST, serverName: "logistica", policyName: "logistica-daily", queuedAt: new Date() } });
    await expect(attempt({ kind: "policy", name: "logistica-daily" })).rejects.toMatchObject({ code: "SETTING_IN_USE", params: { users: `run ${id}` } });
    await db.run.update({ where: { id }, data: { state: "completed" } });
    await attempt({ kind: "policy", name: "logistica-daily" });
    expect(await db.run.count({ where: { id } })).toBe(1);
  });

  test("keeps a destination that alone holds a backup, until another holds it too", async () => {
    const { db } = console_.services;
    const id = "20261101T020000Z-abcdef02";
    const at = new Date();
    const copy = (destination: string, state: string) => ({ destination, state, bytes: 1n, checkedAt: at });
    await db.backupSet.create({
      data: {
        id, serverName: "logistica", policyName: "logistica-daily", hostName: HOST, kind: "full", method: "dump", level: "intact", serverVersion: "8.4.6", startedAt: at, snapshotAt: at, finishedAt: at,
        plainBytes: 1n, sealedBytes: 1n, tables: 1, rows: 1n, summary: {}, copies: { create: [copy(`${HOST}-local`, "intact"), copy("elsewhere", "corrupt")] },
      },
    });
    await expect(attempt({ kind: "destination", name: `${HOST}-local` })).rejects.toMatchObject({ code: "SETTING_IN_USE", params: { users: `backup ${id}` } });
    await db.copy.updateMany({ where: { setId: id, destination: "elsewhere" }, data: { state: "intact" } });
    await attempt({ kind: "destination", name: `${HOST}-local` });
    await attempt({ kind: "key", name: `${HOST}-key` });
    await attempt({ kind: "server", name: "logistica" });
    expect(await db.backupSet.count({ where: { id } })).toBe(1);
    expect(await Promise.all([db.server.count(), db.destination.count(), db.recipientKey.count(), db.policy.count(), db.schedule.count()])).toEqual([0, 0, 0, 0, 0]);
  });

  test("stands in the trail, which is whole", async () => {
    const entries = await console_.services.db.auditEntry.findMany({ where: { outcome: "done" }, orderBy: { sequence: "asc" } });
    expect(entries.map(({ action, subject }) => `${action} ${subject}`)).toEqual([
      "schedule.change schedule logistica-night", "settings.change policy logistica-daily", `settings.change destination ${HOST}-local`, `settings.change key ${HOST}-key`, "settings.change server logistica",
    ]);
    expect(entries[0]?.detail).toMatchObject({ deleted: true, host: HOST });
    expect((await verifyAudit(console_.services.db)).ok).toBe(true);
  });

  test("of two who delete the same, one is told that it is gone", async () => {
    await furnish(console_, HOST, "due", "test");
    const answers = await Promise.allSettled([attempt({ kind: "schedule", name: "due-night" }), attempt({ kind: "schedule", name: "due-night" })]);
    expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(answers.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "NOT_FOUND" } });
  });
});
