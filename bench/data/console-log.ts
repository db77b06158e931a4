import { canonicalJson } from "#lib/contract/manifest/canonical.ts";
import { CHAIN_START, chainText } from "#lib/domain/audit/chain.ts";
import { sha256Hex } from "#lib/store/audit/append-audit.ts";
import type { Prisma } from "#lib/store/generated/client.ts";
import type { Database } from "#lib/store/open-database.ts";
import { fillRuns } from "#lib/store/testing/fill-runs.ts";

const EVENTS_PER_RUN = 12;
const LONG_RUN_EVENTS = 3000;
const AUDIT_ENTRIES = 10_000;

export interface FilledLog {
  /** A run with some thousand lines. */
  readonly longRun: string;
  readonly events: number;
  readonly sets: number;
  readonly auditEntries: number;
}

/**
 * Fills a console that was seeded: `runs` ended runs, a dozen events of each, a set with two copies for each backup among them, ten thousand audit entries.
 * @param now milliseconds since the epoch @throws when the console holds no set to go by
 */
export async function fillConsoleLog(db: Database, runs: number, now: number): Promise<FilledLog> {
  const model = await db.backupSet.findFirst({ orderBy: { snapshotAt: "desc" } });
  if (!model) throw new Error("seed the console first: new sets are made like its newest one");
  await fillRuns(db, runs, now);
  await db.$executeRaw`
    INSERT INTO "RunEvent" ("runId", seq, at, type, body)
    SELECT run.id, n, run."queuedAt" + make_interval(secs => n), 'log',
           jsonb_build_object('type', 'log', 'level', 'info', 'stage', CASE WHEN n < 3 THEN 'preflight' ELSE 'dump' END, 'text', 'gestionelogistica.viaggi: ' || n * 1000 || ' rows')
    FROM "Run" run, generate_series(1, ${EVENTS_PER_RUN}::int) AS n
    WHERE NOT EXISTS (SELECT 1 FROM "RunEvent" own WHERE own."runId" = run.id)`;
  const longest = await db.run.findFirstOrThrow({ where: { kind: "backup-full", lastSeq: 40, state: "completed" }, orderBy: { queuedAt: "desc" } });
  await db.$executeRaw`
    INSERT INTO "RunEvent" ("runId", seq, at, type, body)
    SELECT ${longest.id}, n, ${longest.queuedAt}::timestamptz + make_interval(secs => n / 10.0), 'log',
           jsonb_build_object('type', 'log', 'level', 'info', 'stage', 'dump', 'text', 'gestionelogistica.delivery: ' || n * 1000 || ' rows')
    FROM generate_series(${EVENTS_PER_RUN + 1}::int, ${LONG_RUN_EVENTS}::int) AS n`;
  await fillSets(db, model.id);
  await fillAudit(db, now);
  await db.$executeRaw`ANALYZE`;
  return { longRun: longest.id, events: await db.runEvent.count(), sets: await db.backupSet.count(), auditEntries: AUDIT_ENTRIES };
}

/** One for each backup that ended well, like the model but for its name and times. */
async function fillSets(db: Database, model: string): Promise<void> {
  await db.$executeRaw`
    INSERT INTO "BackupSet" (id, "serverName", environment, "policyName", "hostName", kind, method, level, "serverVersion", "startedAt", "snapshotAt", "finishedAt", "verifiedAt", "restoreSeconds", "plainBytes", "sealedBytes", tables, rows, summary, "restoreTest")
    SELECT run.id, run."serverName", run.environment, run."policyName", run."hostName", model.kind, model.method, model.level, model."serverVersion", run."startedAt", run."startedAt", run."finishedAt", run."finishedAt", model."restoreSeconds",
           model."plainBytes", model."sealedBytes", model.tables, model.rows, model.summary || jsonb_build_object('setId', run.id, 'server', run."serverName"), model."restoreTest"
    FROM "Run" run, "BackupSet" model
    WHERE model.id = ${model} AND run.kind = 'backup-full' AND run.state IN ('completed', 'warning') AND NOT EXISTS (SELECT 1 FROM "BackupSet" own WHERE own.id = run.id)`;
  await db.$executeRaw`
    INSERT INTO "Copy" ("setId", destination, state, bytes, "checkedAt")
    SELECT made.id, destination, 'intact', made."sealedBytes", made."finishedAt" FROM "BackupSet" made, unnest(ARRAY['disco', 'fuori-sede']) AS destination
    ON CONFLICT DO NOTHING`;
}

/** A sound chain, as the console would have written it, a minute between entries. */
async function fillAudit(db: Database, now: number): Promise<void> {
  let previous = CHAIN_START;
  const entries: Prisma.AuditEntryCreateManyInput[] = [];
  for (let sequence = 1; sequence <= AUDIT_ENTRIES; sequence += 1) {
    const at = new Date(now - (AUDIT_ENTRIES - sequence) * 60_000);
    const content = { sequence, actor: "dba@example.com", role: "dba", address: "192.0.2.7", action: "backup.run", subject: `gestionelogistica-${sequence}`, outcome: "done" };
    const detail = { run: `run-${sequence}`, policy: "notturno" };
    const hash = sha256Hex(chainText(previous, { ...content, at: at.toISOString(), detail: canonicalJson(detail) }));
    entries.push({ ...content, at, detail, previous, hash });
    previous = hash;
  }
  await db.auditEntry.createMany({ data: entries });
}
