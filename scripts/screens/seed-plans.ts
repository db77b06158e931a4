import { type RestorePlan, restorePlan } from "#lib/contract/recovery/restore.ts";
import type { Database } from "#lib/store/open-database.ts";

const SCHEMA = "gestionelogistica";
const HASH = "7f3a91c20b5ed481".repeat(4);

/** Two plans for one set, as a worker would have drafted them a moment ago: beside, and in place. */
export async function seedPlans(db: Database, set: { readonly id: string; readonly snapshotAt: string }, now: number): Promise<{ beside: string; inPlace: string }> {
  const ids = { beside: "20261025T140000Z-b00001", inPlace: "20261025T140000Z-b00002" };
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
  return ids;
}

async function store(db: Database, now: number, plan: RestorePlan): Promise<void> {
  const { planId: id, hash, request } = restorePlan.parse(plan);
  await db.restorePlan.create({ data: { id, hash, request, plan, requestedBy: "dba@example.com", createdAt: new Date(now), expiresAt: new Date(plan.expiresAt) } });
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
