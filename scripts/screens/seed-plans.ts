import { type RestorePlan, type Road, restorePlan } from "#lib/contract/recovery/restore.ts";
import type { Database } from "#lib/store/open-database.ts";
import { seededMistake } from "./seed-instant.ts";

const SCHEMA = "gestionelogistica";
const HASH = "7f3a91c20b5ed481".repeat(4);

/** Plans for one set, as a worker would have drafted them a moment ago: beside, in place, as a new server to an instant, and for a stopped server's data directory. */
export async function seedPlans(db: Database, set: { readonly id: string; readonly snapshotAt: string }, now: number): Promise<{ beside: string; inPlace: string; instance: string; replace: string }> {
  const ids = { beside: "20261025T140000Z-b00001", inPlace: "20261025T140000Z-b00002", instance: "20261025T140000Z-b00003", replace: "20261025T140000Z-b00004" };
  const day = set.snapshotAt.slice(0, 10).replaceAll("-", "");
  const scope: RestorePlan["request"]["scope"] = { kind: "schemas", schemas: [SCHEMA] };
  const shared = {
    hash: HASH, createdAt: new Date(now).toISOString(), expiresAt: new Date(now + 15 * 60_000).toISOString(), manifestSha256: HASH, snapshotAt: set.snapshotAt, level: "proven" as const,
    source: { server: SCHEMA, version: "8.4.6", destination: "disco" }, artifacts: ["010-schema.sql.zst.gpg"] as string[], sealedBytes: 2_591_400_000, plainBytes: 12_340_000_000, tables: 34, rows: 48_210_334, warnings: [] as RestorePlan["warnings"],
  };
  const request = { setId: set.id, server: SCHEMA, scope };
  const beside = `${SCHEMA}_r_${day}_0200`;
  await store(db, now, {
    ...shared, planId: ids.beside, typedName: null, request: { ...request, target: { kind: "beside", server: "prova", names: { [SCHEMA]: beside }, leaveOutReferencing: false } },
    target: { server: "prova", version: "8.4.6", environment: "test", freeBytes: 195_000_000_000 }, steps: steps(beside, null),
  });
  await store(db, now, {
    ...shared, planId: ids.inPlace, typedName: SCHEMA, request: { ...request, target: { kind: "in-place", server: SCHEMA } },
    target: { server: SCHEMA, version: "8.4.6", environment: "production", freeBytes: 81_000_000_000 }, steps: steps(`${SCHEMA}_new`, SCHEMA),
    warnings: [{ code: "TARGET_DIFFERS", params: { name: "sql_mode", expected: "STRICT_TRANS_TABLES", found: "''" }, retryable: false }],
  });
  const { boundary } = seededMistake(now);
  const road = (method: Road["method"], into: Road["into"], seconds: number): Road => ({ setId: set.id, method, into, level: "proven", snapshotAt: set.snapshotAt, replayFiles: 3, replayBytes: 268_435_456, seconds, chosen: into === "instance" });
  await store(db, now, {
    ...shared, planId: ids.instance, typedName: null, request: { ...request, scope: { kind: "server", accounts: true }, target: { kind: "instance", server: "db-risorto", port: 3310 }, boundary },
    target: { server: "db-risorto", version: "8.4.6", environment: "new", freeBytes: null }, steps: instanceSteps("/srv/mysql/db-risorto"),
    roads: [road("clone", "instance", 41), road("clone", "server", 388), road("dump", "server", 1310)],
  });
  await store(db, now, {
    ...shared, planId: ids.replace, typedName: SCHEMA, request: { ...request, scope: { kind: "server", accounts: true }, target: { kind: "replace", server: SCHEMA } },
    target: { server: SCHEMA, version: "8.4.6", environment: "production", freeBytes: null }, steps: replaceSteps("/var/lib/mysql"),
    warnings: [
      { code: "REPLACEMENT_NEW_IDENTITY", params: { server: SCHEMA }, retryable: false },
      { code: "REPLACEMENT_ACTS", params: { server: SCHEMA, what: "it runs events", file: "/etc/mysql/my.cnf" }, retryable: false },
    ],
  });
  return ids;
}

async function store(db: Database, now: number, plan: RestorePlan): Promise<void> {
  const { planId: id, hash, request } = restorePlan.parse(plan);
  await db.restorePlan.create({ data: { id, hash, request, plan, requestedBy: "dba@example.com", createdAt: new Date(now), expiresAt: new Date(plan.expiresAt) } });
}

function replaceSteps(folder: string): RestorePlan["steps"] {
  const step = (id: RestorePlan["steps"][number]["id"], eta: [number, number], commands: string[], more: Partial<RestorePlan["steps"][number]> = {}) => ({ id, eta, commands, creates: [], replaces: [], deletes: [], ...more });
  const [kept, made] = [`${folder}.before-<run>`, `${folder}.new-<run>`];
  return [
    step("check", [1, 3], []),
    step("load", [21, 38], [1, 2].map((part) => `gpg -d 700-files-0000${part}.tar.zst.gpg | zstd -d | tar -x -C ${made}`), { creates: [made] }),
    step("verify", [6, 14], []),
    step("finish", [2, 4], [`mv ${folder} ${kept}`, `mv ${made} ${folder}`, "systemctl start mysql"], { creates: [kept], replaces: [folder] }),
  ];
}

function instanceSteps(folder: string): RestorePlan["steps"] {
  const step = (id: RestorePlan["steps"][number]["id"], eta: [number, number], commands: string[], creates: string[] = []) => ({ id, eta, commands, creates, replaces: [], deletes: [] });
  return [
    step("check", [1, 3], []),
    step("prepare", [4, 9], [416, 417, 418].map((number) => `gpg -d binlog.000${number}.zst.gpg | zstd -d`)),
    step("load", [21, 38], [1, 2].map((part) => `gpg -d 700-files-0000${part}.tar.zst.gpg | zstd -d | tar -x -C ${folder}/data`), [folder]),
    step("replay", [12, 30], ["replay 3 binary log files, stop at binlog.000418:48221910"]),
    step("verify", [6, 14], []),
    step("finish", [2, 4], [`systemctl enable --now ${folder}/mysql-db-risorto.service`], [`${folder}/my.cnf`, `${folder}/mysql-db-risorto.service`, "server at port 3310"]),
  ];
}

function steps(into: string, replaced: string | null): RestorePlan["steps"] {
  const step = (id: RestorePlan["steps"][number]["id"], eta: [number, number], commands: string[], more: Partial<RestorePlan["steps"][number]> = {}) => ({ id, eta, commands, creates: [], replaces: [], deletes: [], ...more });
  return [
    step("check", [2, 5], []),
    ...(replaced ? [step("safeguard", [1480, 1710], [`salvagente backup full --policy notturno`])] : []),
    step("download", [64, 110], ["sha256sum --check MANIFEST.sha256"]),
    step("prepare", [1, 2], [`mysql -e 'CREATE DATABASE ${into}'`], { creates: [into] }),
    step("load", [1190, 1420], [`gpg --decrypt 200-data-00001-00001.sql.zst.gpg | zstd -d | mysql ${into}`]),
    step("verify", [70, 120], [`mysql -e 'CHECKSUM TABLE ${into}.viaggi'`]),
    step("finish", [1, 3], [], replaced ? { replaces: [replaced] } : {}),
  ];
}
