import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { transaction } from "../open-database.ts";
import { type FreshDatabase, freshDatabase } from "../testing/fresh-database.ts";
import { appendAudit, type AuditDraft } from "./append-audit.ts";
import { verifyAudit } from "./verify-audit.ts";

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase(inject("services").postgres.url);
});
afterAll(() => fresh.drop());

const draft = (subject: string): AuditDraft => ({ at: new Date("2026-11-23T02:00:00.123Z"), actor: "anna@example.org", role: "dba", address: "192.0.2.7", action: "backup.run", subject, outcome: "done", detail: { é: "ü", nested: { b: 1.5, a: [null, "🛟"] }, big: 1e21 } });

async function verifyByCommand(): Promise<{ code: number; line: string }> {
  const run = promisify(execFile)(process.execPath, ["controller/audit-verify.ts"], { env: { ...process.env, DATABASE_URL: fresh.url } });
  return run.then(
    ({ stdout }) => ({ code: 0, line: stdout }),
    (error: { code: number; stdout: string }) => ({ code: error.code, line: error.stdout }),
  );
}

test("many writers at once make one chain without holes", async () => {
  expect(await verifyAudit(fresh.db)).toEqual({ ok: true, entries: 0, head: "0".repeat(64) });
  await Promise.all(Array.from({ length: 40 }, (_, index) => transaction(fresh.db, (tx) => appendAudit(tx, draft(`run ${index}`)))));
  const verdict = await verifyAudit(fresh.db, 7);
  expect(verdict).toMatchObject({ ok: true, entries: 40 });
  const { code, line } = await verifyByCommand();
  expect(code).toBe(0);
  expect(JSON.parse(line)).toEqual(verdict);
});

test("an entry and its change happen both or not at all", async () => {
  await expect(transaction(fresh.db, async (tx) => {
    await appendAudit(tx, draft("lost"));
    throw new Error("the change failed");
  })).rejects.toThrow("the change failed");
  expect(await fresh.db.auditEntry.count({ where: { subject: "lost" } })).toBe(0);
});

test.each([
  ["UPDATE", `UPDATE "AuditEntry" SET actor = 'nobody' WHERE sequence = 3`],
  ["an UPDATE of no row", `UPDATE "AuditEntry" SET actor = 'nobody' WHERE sequence = -1`],
  ["DELETE", `DELETE FROM "AuditEntry" WHERE sequence = 3`],
  ["TRUNCATE", `TRUNCATE "AuditEntry"`],
])("the database refuses %s", async (_what, statement) => {
  await expect(fresh.sql(statement)).rejects.toThrow(/append only/);
});

// last: these damage the trail
test.each([
  ["changed content", `UPDATE "AuditEntry" SET actor = 'nobody' WHERE sequence = 5`, `UPDATE "AuditEntry" SET actor = 'anna@example.org' WHERE sequence = 5`, 5, "hash"],
  ["changed detail", `UPDATE "AuditEntry" SET detail = detail || '{"x":1}' WHERE sequence = 6`, `UPDATE "AuditEntry" SET detail = detail - 'x' WHERE sequence = 6`, 6, "hash"],
  ["a removed entry", `DELETE FROM "AuditEntry" WHERE sequence = 9`, undefined, 10, "gap"],
])("whoever gets around the trigger is found: %s", async (_what, damage, repair, brokenAt, problem) => {
  await fresh.sql(`ALTER TABLE "AuditEntry" DISABLE TRIGGER audit_entry_append_only; ${damage}`);
  expect(await verifyAudit(fresh.db, 4)).toMatchObject({ ok: false, brokenAt, problem, entries: brokenAt === 10 ? 8 : brokenAt - 1 });
  const { code, line } = await verifyByCommand();
  expect(code).toBe(1);
  expect(JSON.parse(line)).toMatchObject({ ok: false, problem, fault: { code: "AUDIT_BROKEN", params: { sequence: brokenAt } } });
  if (repair) {
    await fresh.sql(repair);
    expect((await verifyAudit(fresh.db)).ok).toBe(true);
  }
});
