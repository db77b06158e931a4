import { policyConfig } from "#lib/contract/config/policy.ts";
import { scheduleConfig } from "#lib/contract/config/desired-state.ts";
import { serverConfig } from "#lib/contract/config/server.ts";
import type { RecoveryReport } from "#lib/contract/archive/window.ts";
import type { RunEventBody } from "#lib/contract/events.ts";
import type { FaultRecord } from "#lib/domain/fault/fault.ts";
import { seedAudit } from "./seed-audit.ts";
import { stamp } from "#lib/platform/ids.ts";
import { hashPassword } from "#lib/services/user/password.ts";
import type { Prisma } from "#lib/store/generated/client.ts";
import { sha256Hex } from "#lib/store/audit/append-audit.ts";
import type { Database } from "#lib/store/open-database.ts";

/** Password of every seeded account; the console it belongs to is thrown away. */
export const SEED_PASSWORD = "salvagente-screens-only";
export const SEED_USERS = [
  { email: "dba@example.com", name: "Dora Bianchi", role: "dba" },
  { email: "sysadmin@example.com", name: "Sara Gatti", role: "sysadmin" },
  { email: "developer@example.com", name: "Dino Verdi", role: "developer" },
] as const;

export const HOST = "db01";
export const SERVER = "gestionelogistica";
const POLICY = "notturno";
const DAY = 86_400_000;

/** A month in the life of a console: fulls proven, one refused, failures, a run under way. Every state of the vocabulary appears. */
export async function seedConsole(db: Database, now: number): Promise<{ running: string; failed: string; done: string }> {
  const passwordHash = await hashPassword(SEED_PASSWORD);
  await db.user.createMany({ data: SEED_USERS.map((user) => ({ ...user, passwordHash })) });
  await seedSettings(db, now);
  const ids = { running: "", failed: "", done: "" };
  for (let day = 29; day >= 1; day--) {
    const night = nightBefore(now, day);
    const id = await seedBackup(db, night, day);
    if (day === 1) ids.done = id;
    if (day === 11) ids.failed = id;
    if (day % 7 === 0) await seedRun(db, { at: night + 2 * 3_600_000, kind: "restore", state: day === 7 ? "interrupted" : "completed", trigger: "manual", seconds: 1320, stages: RESTORE, requestedBy: "dba@example.com", bytes: 11_800_000_000, setId: id });
  }
  ids.running = await seedRunning(db, now);
  await seedAudit(db, now, { set: ids.done, server: SERVER, policy: POLICY });
  await seedRun(db, { at: now - 20_000, kind: "verify", state: "queued", trigger: "after-backup", stages: [] });
  await seedRun(db, { at: now - 26 * 3_600_000, kind: "verify", state: "cancelled", trigger: "manual", seconds: 41, stages: VERIFY.slice(0, 2), requestedBy: "sysadmin@example.com" });
  await seedRun(db, { at: now - 8 * 3_600_000, kind: "backup-full", state: "completed", trigger: "manual", seconds: 96, stages: BACKUP, server: "prova", environment: "test", bytes: 212_000_000, requestedBy: "developer@example.com" });
  return ids;
}

/** When the nightly full began, `day` nights ago; last night's and its proof have ended, and it is never over a day and an hour old. */
const nightBefore = (now: number, day: number) => now - 3_600_000 - ((now - 2 * 3_600_000) % DAY) - (day - 1) * DAY;

const BACKUP = ["preflight", "dump", "store", "commit"];
const VERIFY = ["read", "sandbox", "load", "compare"];
const RESTORE = ["check", "download", "prepare", "load", "verify", "finish"];

async function seedSettings(db: Database, now: number): Promise<void> {
  const at = new Date(now);
  const beat = {
    v: 1, host: HOST, at: at.toISOString(), version: "0.1.0", revision: 3, activeRun: null,
    spool: { totalBytes: 500e9, freeBytes: 195e9 },
    servers: [{ name: SERVER, ok: true, version: "8.4.6" }, { name: "prova", ok: true, version: "10.11.14-MariaDB" }],
    recovery: [seededRecovery(now)],
  };
  await db.host.create({ data: { name: HOST, hostname: "db01.example.com", signingKey: "c2lnbmluZw==", boxKey: "Ym94", fingerprint: "7f3a-91c2-0b5e-d481", pairedAt: new Date(now - 90 * DAY), pairedBy: "dba@example.com", sentRevision: 3, heldRevision: 3, heartbeat: beat, heartbeatAt: at } });
  for (const [name, environment] of [[SERVER, "production"], ["prova", "test"]] as const) {
    const config = serverConfig.parse({ name, environment, socket: "/run/mysqld/mysqld.sock", user: "salvagente", password: { file: "/etc/salvagente/mysql.password" }, restoreTarget: true, ...(environment === "production" ? { assertions: [{ name: "ci sono viaggi di oggi", schema: SERVER, sql: "SELECT COUNT(*) FROM viaggi WHERE partenza >= CURRENT_DATE", expect: "> 0" }] } : {}) });
    await db.server.create({ data: { name, hostName: HOST, environment, config } });
  }
  const probe = (totalBytes: number, freeBytes: number) => ({ at: at.toISOString(), steps: [{ step: "write", ok: true, ms: 12 }, { step: "read", ok: true, ms: 4 }, { step: "delete", ok: true, ms: 3 }], space: { totalBytes, freeBytes } });
  await db.destination.create({ data: { name: "disco", hostName: HOST, kind: "local", config: { kind: "local", name: "disco", root: "/srv/backup", requireMount: false }, lastProbe: probe(500e9, 195e9) } });
  await db.destination.create({ data: { name: "fuori-sede", hostName: HOST, kind: "s3", config: { kind: "s3", name: "fuori-sede", bucket: "salvagente-backup", region: "eu-south-1", accessKeyId: "AKIAEXAMPLE", secretKey: { sealed: "c2VhbGVk" } } } });
  await db.recipientKey.createMany({ data: (["operations", "escrow"] as const).map((purpose) => ({ name: purpose, hostName: HOST, purpose, config: { name: purpose, purpose, key: { file: `/etc/salvagente/${purpose}.asc` } } })) });
  for (const [name, server, label] of [[POLICY, SERVER, "Completo notturno"], ["prova-manuale", "prova", "Prova a mano"]] as const) {
    await db.policy.create({ data: { name, serverName: server, config: policyConfig.parse({ name, label, server, destinations: ["disco", "fuori-sede"], recipients: ["operations", "escrow"], archive: name === POLICY, ...(server === "prova" ? { method: "mariadb-backup", alsoDump: true } : {}) }) } });
  }
  for (const schedule of [{ name: "ogni-notte", cron: "0 2 * * *" }, { name: "ogni-4-ore", cron: "30 */4 * * *", kind: "incremental" }]) {
    await db.schedule.create({ data: { name: schedule.name, policyName: POLICY, config: scheduleConfig.parse({ ...schedule, policy: POLICY }) } });
  }
}

/** What a worker would have told meanwhile: that it lives, how far its archive and its run are. */
export async function refreshSeed(db: Database, now: number, running: string): Promise<void> {
  const host = await db.host.findUniqueOrThrow({ where: { name: HOST } });
  await db.host.update({ where: { name: HOST }, data: { heartbeatAt: new Date(now), heartbeat: { ...(host.heartbeat as object), at: new Date(now).toISOString(), recovery: [{ ...seededRecovery(now) }] } as unknown as Prisma.InputJsonObject } });
  await db.run.update({ where: { id: running }, data: { lastEventAt: new Date(now) } });
}

/** Archived for four weeks but for one morning: what was written between 09:02 and the next night's full cannot be reached. */
function seededRecovery(now: number): RecoveryReport {
  const night = (day: number) => nightBefore(now, day) + 4000;
  const micros = (at: number) => String(BigInt(at) * 1000n);
  const broken = night(6) + 7 * 3_600_000;
  return {
    server: SERVER, at: new Date(now).toISOString(), bandsLeftOut: 0, complete: false, archive: "streaming", lagBytes: 0, trouble: null,
    bands: [{ from: micros(night(29)), to: micros(broken) }, { from: micros(night(5)), to: micros(now - 8000) }],
    gaps: [{ from: micros(broken), to: micros(night(5)), reason: "missing-files", about: "binlog.000412" }],
  };
}

const FAILURES: Record<number, FaultRecord> = {
  11: { code: "DISK_FULL", params: { path: "/var/lib/salvagente/spool" }, retryable: true, detail: "ENOSPC: no space left on device, write" },
  19: { code: "SERVER_CONNECTION_LOST", params: { server: SERVER }, retryable: true, detail: "ERROR 2013 (HY000): Lost connection to MySQL server during query" },
};

async function seedBackup(db: Database, at: number, day: number): Promise<string> {
  const fault = FAILURES[day];
  const state = fault ? "failed" : day === 5 ? "warning" : "completed";
  const bytes = Math.round(11.2e9 + (29 - day) * 40e6 + (day % 3) * 90e6);
  const seconds = Math.round(1480 + (day % 5) * 55 + (29 - day) * 6);
  const id = await seedRun(db, { at, kind: "backup-full", state, trigger: "schedule", seconds: fault ? 64 : seconds, stages: BACKUP, failsAt: fault ? 1 : undefined, fault, bytes: fault ? undefined : bytes });
  if (fault) return id;
  await db.run.update({ where: { id }, data: { setId: id } });
  const level = day === 9 ? "refused" : day % 4 === 3 ? "intact" : day === 2 ? "completed" : "proven";
  await seedSet(db, id, at, seconds, bytes, level);
  if (level === "proven") await seedRun(db, { at: at + (seconds + 30) * 1000, kind: "verify", state: "completed", trigger: "after-backup", seconds: 1330 + day, stages: VERIFY, bytes: Math.round(bytes * 0.21), setId: id });
  return id;
}

async function seedSet(db: Database, id: string, at: number, seconds: number, plainBytes: number, level: string): Promise<void> {
  const instant = (after: number) => new Date(at + after * 1000);
  const sealedBytes = Math.round(plainBytes * 0.21);
  const summary = {
    setId: id, server: SERVER, policy: POLICY, host: HOST, kind: "full", method: "dump", flavor: "mysql", serverVersion: "8.4.6",
    startedAt: instant(0).toISOString(), snapshotAt: instant(4).toISOString(), finishedAt: instant(seconds).toISOString(),
    coordinate: { file: `binlog.000${419 - Math.round((Date.now() - at) / DAY)}`, position: "190332", gtidSet: null }, plainBytes, sealedBytes, artifacts: 38, schemas: [SERVER], tables: 34, rows: 48_210_334, recipients: [], lockHeldMs: 212, manifestSha256: sha256Hex(id),
  };
  const tested = level === "proven" || level === "refused";
  const restoreTest = tested
    ? {
        runId: id, startedAt: instant(seconds + 30).toISOString(), finishedAt: instant(seconds + 1360).toISOString(), host: HOST, serverVersion: "8.4.6", destination: "disco", restoreSeconds: 1330,
        stages: [{ name: "load", seconds: 1290 }, { name: "compare", seconds: 40 }], compared: { tables: 34, rows: 48_210_334, streams: 38, fingerprints: 34, objects: 61, accounts: 7, assertions: 2 },
        differences: level === "refused" ? [{ kind: "rows", object: `${SERVER}.viaggi`, expected: "48210", found: "48204" }] : [], verdict: level,
      }
    : undefined;
  await db.backupSet.create({
    data: {
      id, serverName: SERVER, environment: "production", policyName: POLICY, hostName: HOST, kind: "full", method: "dump", level, serverVersion: "8.4.6",
      startedAt: instant(0), snapshotAt: instant(4), finishedAt: instant(seconds), verifiedAt: level === "completed" ? null : instant(seconds + 1360), restoreSeconds: level === "proven" ? 1330 : null,
      plainBytes: BigInt(plainBytes), sealedBytes: BigInt(sealedBytes), tables: 34, rows: 48_210_334n, summary, ...(restoreTest ? { restoreTest } : {}),
      copies: { create: [{ destination: "disco", state: level === "completed" ? "stored" : "intact", bytes: BigInt(sealedBytes), checkedAt: instant(seconds) }, { destination: "fuori-sede", state: level === "completed" ? "stored" : "intact", bytes: BigInt(sealedBytes), checkedAt: instant(seconds + 5) }] },
    },
  });
}

interface SeedRun {
  readonly at: number;
  readonly kind: string;
  readonly state: string;
  readonly trigger: string;
  readonly stages: readonly string[];
  readonly seconds?: number;
  /** Index of the stage that fails. */
  readonly failsAt?: number | undefined;
  readonly fault?: FaultRecord | undefined;
  readonly bytes?: number | undefined;
  readonly requestedBy?: string;
  readonly server?: string;
  readonly environment?: string;
  readonly setId?: string;
}

let count = 0;

export async function seedRun(db: Database, run: SeedRun): Promise<string> {
  const id = `${stamp(run.at)}-${(++count).toString(16).padStart(6, "0")}`;
  const each = (run.seconds ?? 0) / Math.max(1, run.stages.length);
  const reached = run.failsAt === undefined ? run.stages.length : run.failsAt + 1;
  const at = (seconds: number) => new Date(run.at + seconds * 1000);
  const stages = run.stages.map((name, index) => (index < reached ? { name, startedAt: at(index * each).toISOString(), seconds: Math.round(each * 10) / 10, ok: index !== run.failsAt } : { name }));
  const bodies: [number, RunEventBody][] = stages.filter((stage) => "seconds" in stage).flatMap((stage, index): [number, RunEventBody][] => [
    [index * each, { type: "stage-started", stage: stage.name }],
    [index * each + 1, { type: "log", level: "info", stage: stage.name, text: `${stage.name}: begun` }],
    [index * each + 2, { type: "log", level: index === run.failsAt ? "error" : "info", stage: stage.name, text: index === run.failsAt ? `${stage.name}: ${run.fault?.detail ?? "failed"}` : `${stage.name}: 34 tables, ${Math.round(each)} s` }],
    [(index + 1) * each, { type: "stage-finished", stage: stage.name, seconds: each, ok: index !== run.failsAt }],
  ]);
  if (run.state === "warning") bodies.push([run.seconds ?? 0, { type: "finding", severity: "warning", fault: { code: "UNEXPECTED", params: { message: "2 tables without primary key" }, retryable: false } }]);
  const queued = run.state === "queued";
  await db.run.create({
    data: {
      id, kind: run.kind, state: run.state, trigger: run.trigger, hostName: HOST, serverName: run.server ?? SERVER, environment: run.environment ?? "production", policyName: run.server ? "prova-manuale" : POLICY,
      setId: run.setId ?? null, requestedBy: run.requestedBy ?? null, queuedAt: at(0), startedAt: queued ? null : at(1), finishedAt: run.seconds === undefined ? null : at(1 + run.seconds), lastEventAt: at(run.seconds ?? 0), lastSeq: bodies.length,
      stages, ...(run.fault ? { fault: { ...run.fault }, faultCode: run.fault.code } : {}), bytes: run.bytes === undefined ? null : BigInt(run.bytes), searchText: `${id} ${run.kind} ${run.server ?? SERVER} ${run.requestedBy ?? ""} ${run.fault?.code ?? ""}`.toLowerCase(),
      events: { create: bodies.map(([seconds, body], index) => ({ seq: index + 1, at: at(seconds), type: body.type, body: body as Prisma.InputJsonObject })) },
    },
  });
  return id;
}

async function seedRunning(db: Database, now: number): Promise<string> {
  const begun = now - 380_000;
  const id = await seedRun(db, { at: begun, kind: "backup-full", state: "running", trigger: "manual", stages: BACKUP, requestedBy: "dba@example.com" });
  const progress = { stage: "dump", bytesDone: 7_620_000_000, bytesTotal: 12_340_000_000, rowsDone: 29_310_422, rowsTotal: 48_210_334, itemsDone: 19, itemsTotal: 34, item: "gestionelogistica.viaggi", bytesPerSecond: 41_300_000, etaSeconds: 114 };
  const iso = (after: number) => new Date(begun + after * 1000).toISOString();
  const lines = ["read lock held 212 ms", "snapshot at binlog.000412:190332", "users: 1,204 rows", "delivery: 9,310,222 rows", "user_sessions: 402,118 rows", "viaggi: reading"];
  const bodies: RunEventBody[] = lines.map((text) => ({ type: "log", level: "info", stage: "dump", text }));
  await db.runEvent.deleteMany({ where: { runId: id } });
  await db.runEvent.createMany({ data: bodies.map((body, index) => ({ runId: id, seq: index + 1, at: iso(10 + index * 40), type: body.type, body: body as Prisma.InputJsonObject })) });
  await db.run.update({
    where: { id },
    data: { stages: [{ name: "preflight", startedAt: iso(1), seconds: 7.2, ok: true }, { name: "dump", startedAt: iso(8.2) }, { name: "store" }, { name: "commit" }], progress, lastSeq: bodies.length, lastEventAt: new Date(now), finishedAt: null },
  });
  return id;
}

/** Many more ended runs, spread over the two years before, for measuring pages. */
export async function seedManyRuns(db: Database, now: number, total: number): Promise<void> {
  await db.$executeRaw`
    INSERT INTO "Run" (id, kind, state, trigger, "hostName", "serverName", environment, "policyName", "requestedBy", "queuedAt", "startedAt", "finishedAt", "lastEventAt", "lastSeq", stages, bytes, "searchText")
    SELECT to_char(at, 'YYYYMMDD"T"HH24MISS"Z"') || '-' || lpad(to_hex(n), 8, '0'),
           (ARRAY['backup-full', 'verify', 'restore', 'preflight'])[1 + n % 4],
           (ARRAY['completed', 'completed', 'completed', 'warning', 'failed', 'cancelled'])[1 + n % 6],
           'schedule', ${HOST}, ${SERVER}, 'production', ${POLICY}, NULL, at, at, at + interval '12 minutes', at, 0, '[]', 1000000::bigint * n, 'run ' || n || ' ' || ${SERVER}
    FROM (SELECT n, to_timestamp(${now / 1000}) - interval '31 days' - n * interval '20 minutes' AS at FROM generate_series(1, ${total}::int) AS n) AS many`;
  await db.$executeRaw`ANALYZE "Run"`;
}
