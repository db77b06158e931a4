import type { AuditAction } from "#lib/domain/audit/action-words.ts";
import { type AuditDraft, appendAudit } from "#lib/store/audit/append-audit.ts";
import { type Database, transaction } from "#lib/store/open-database.ts";

const HOUR = 3_600_000;

/** A few days of the trail: who set what, who started what, who was refused. */
export async function seedAudit(db: Database, now: number, { set, server, policy }: { readonly set: string; readonly server: string; readonly policy: string }): Promise<void> {
  const dora = { actor: "dba@example.com", role: "dba", address: "192.0.2.14" };
  const sara = { actor: "sysadmin@example.com", role: "sysadmin", address: "192.0.2.21" };
  const dino = { actor: "developer@example.com", role: "developer", address: "192.0.2.33" };
  const entries: [hoursAgo: number, who: Pick<AuditDraft, "actor" | "role" | "address">, action: AuditAction, subject: string, outcome: AuditDraft["outcome"], detail: Record<string, unknown>][] = [
    [76, dora, "user.sign-in", dora.actor, "done", {}],
    [75.9, dora, "settings.change", `policy ${policy}`, "done", { created: false, config: { name: policy, archive: true } }],
    [75.7, dora, "schedule.change", "schedule ogni-notte", "done", { created: false, config: { cron: "0 2 * * *", timeZone: "Europe/Rome" } }],
    [52, sara, "user.sign-in", sara.actor, "done", {}],
    [51.8, sara, "backup.verify", set, "done", { level: "proven" }],
    [51, sara, "settings.change", "destination disco", "refused", {}],
    [30, dino, "user.sign-in", dino.actor, "done", {}],
    [29.9, dino, "backup.view-contents", set, "refused", {}],
    [9, dora, "user.sign-in", dora.actor, "done", {}],
    [8.9, dora, "archive.search", server, "done", { query: { largeRows: 1000 } }],
    [8.7, dora, "restore.plan", set, "done", { ok: true, target: "beside" }],
    [8.6, dora, "restore.start", "20261125T100000Z-0000d4", "done", { inPlace: false }],
    [8.2, { actor: "worker:db01", role: null, address: null }, "restore.end", "20261125T100000Z-0000d4", "done", { outcome: "completed", fault: null }],
    [3, dora, "user.change", dino.actor, "done", { changed: ["password"] }],
  ];
  for (const [hoursAgo, who, action, subject, outcome, detail] of entries) {
    await transaction(db, (tx) => appendAudit(tx, { at: new Date(now - hoursAgo * HOUR), ...who, action, subject, outcome, detail }));
  }
}
