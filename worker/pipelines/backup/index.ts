import { mkdir, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { SetSummary } from "#lib/contract/events.ts";
import type { PolicyConfig } from "#lib/contract/config/policy.ts";
import { type Artifact, FORMAT, type Manifest, type PhysicalFiles } from "#lib/contract/manifest/manifest.ts";
import type { CopyCheck } from "#lib/contract/manifest/verification.ts";
import type { BackupMethod } from "#lib/domain/backup/methods.ts";
import { differentialMethod, hasDifferentials } from "#lib/domain/backup/choose-base.ts";
import type { SetKind } from "#lib/domain/backup/storage-keys.ts";
import { Fault, type FaultRecord, faultRecord } from "#lib/domain/fault/fault.ts";
import { ArtifactSink } from "#worker/engines/dump/artifact-sink.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import { accessOf } from "#worker/host/access.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import { type RunContext, throwIfCancelled } from "#worker/host/run-context.ts";
import { backupSubject, withRunLock } from "#worker/host/run-lock.ts";
import { type HostRuntime, heartbeatSchema, requirePolicy, requireServer } from "#worker/host/runtime.ts";
import { manifestDigest } from "#worker/host/sign-document.ts";
import type { FileCompression } from "#worker/streams/compression.ts";
import type { SqlTwin } from "./clone-stages.ts";
import { commitStage } from "./commit-stage.ts";
import { FileLevels } from "./file-levels.ts";
import { type Base, findBase, stillThere } from "./find-base.ts";
import { GentleReading } from "./gentle-reading.ts";
import { parentOf, parentOfPages, requireCovered } from "./parent-set.ts";
import { type DumpResult, dumpStage } from "./dump-stage.ts";
import { physicalMethod } from "./physical-methods.ts";
import { preflightStage, type Ready } from "./preflight-stage.ts";
import { requireSameFiles } from "./require-same-files.ts";
import { SetStore } from "./set-store.ts";
import { storeTwin } from "./store-twin.ts";
import { summarise } from "./summarise.ts";

const BACKUP_STAGES = ["preflight", "dump", "store", "commit"] as const;
const CLONE_STAGES = ["preflight", "clone", "inventory", "seal", "store", "commit"] as const;
const TWIN_STAGES = ["preflight", "clone", "inventory", "dump", "seal", "store", "commit", "twin"] as const;
const COPY_STAGES = ["preflight", "clone", "seal", "prepare", "inventory", "store", "commit"] as const;
const COPY_TWIN_STAGES = ["preflight", "clone", "seal", "prepare", "inventory", "dump", "store", "commit", "twin"] as const;
const STAGES = { dump: [BACKUP_STAGES, BACKUP_STAGES], clone: [CLONE_STAGES, TWIN_STAGES], "mariadb-backup": [COPY_STAGES, COPY_TWIN_STAGES] } as const satisfies Record<BackupMethod, unknown>;

/** Names of a backup's stages, in order, as told when its run begins. */
export function backupStages(policy: Pick<PolicyConfig, "method" | "alsoDump">, kind: "backup-full" | "backup-differential"): readonly string[] {
  const { method, alsoDump } = takenAs(policy, kind === "backup-full" ? "full" : "differential");
  const [one, two] = STAGES[method];
  return alsoDump ? two : one;
}

/** A differential is one set: changed pages where the fulls are made by mariadb-backup, otherwise a dump of the server itself. */
function takenAs<P extends Pick<PolicyConfig, "method" | "alsoDump">>(policy: P, kind: SetKind): P {
  return kind === "full" ? policy : { ...policy, method: differentialMethod(policy) ?? "dump", alsoDump: false };
}

export interface BackupResult {
  readonly manifest: Manifest;
  readonly manifestSha256: string;
  readonly summary: SetSummary;
  readonly copies: readonly CopyCheck[];
  /** The SQL of the same instant, where the policy wants both. */
  readonly twin?: SetSummary;
}

/**
 * A full backup of a policy: pre-flight → dump, or copy of the data files and inventory and seal (sealed into the spool) → store at every destination and read back →
 * commit (manifest last).
 * A failure before the commit leaves nothing that could be taken for a backup; the spool is emptied in any case.
 */
export async function backupFull(context: RunContext, host: HostRuntime, policyName: string): Promise<BackupResult> {
  return backup(context, host, policyName, "full");
}

/**
 * A differential of a policy: the same way, but of the rows only those tables are stored that do not dump as they did in the policy's newest proven full; of data files by
 * mariadb-backup, the pages that changed since. It goes to those destinations that hold that full, and it is not committed where the full went away meanwhile. Where a policy on
 * MySQL takes data files and SQL of one instant, it builds on the SQL.
 * Faults besides those of a full: DIFFERENTIAL_NO_BASE, DIFFERENTIAL_METHOD, DIFFERENTIAL_OTHER_SERVER, DIFFERENTIAL_BASE_ABSENT; of pages DIFFERENTIAL_NO_PAGES,
 * DIFFERENTIAL_OTHER_FILES, MARIADB_BACKUP_APPLY, KEY_MISSING.
 */
export async function backupDifferential(context: RunContext, host: HostRuntime, policyName: string): Promise<BackupResult> {
  if (!hasDifferentials(requirePolicy(host.settings, policyName))) throw new Fault("DIFFERENTIAL_METHOD", { params: { policy: policyName } });
  return backup(context, host, policyName, "differential");
}

async function backup(context: RunContext, host: HostRuntime, policyName: string, kind: SetKind): Promise<BackupResult> {
  const configured = requirePolicy(host.settings, policyName);
  const policy = takenAs(configured, kind);
  const config = requireServer(host.settings, policy.server);
  const setId = context.runId;
  const startedAt = context.clock.now();
  return withRunLock(host.folders.locks, backupSubject(config.name), async () => {
    const folder = join(host.folders.spool, setId);
    const findings: FaultRecord[] = [];
    const noting: RunContext = {
      ...context,
      finding(severity, fault) {
        findings.push(fault);
        context.finding(severity, fault);
      },
    };
    const access = await accessOf(config, host.identity);
    const destinations = openDestinations(host, policy.destinations);
    const gentle = new GentleReading(noting, { access, policy, host: host.config.host, heartbeatSchema: heartbeatSchema(host) });
    let discard: (() => Promise<void>) | undefined;
    try {
      const { ready, base } = await context.stage("preflight", async () => {
        const found = await preflightStage(noting, host, { policy, config, access, destinations });
        const { server, ground } = found;
        const base = kind === "differential" ? await findBase(noting, host, { policy: configured, method: differentialMethod(configured) ?? "dump", server, destinations }) : undefined;
        if (base && ground) await requireSameFiles(host, { access, server, ground, base });
        return { ready: found, base };
      });
      gentle.learn();
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const store = new SetStore(noting, { server: config.name, kind, setId, folder, destinations: base?.destinations ?? destinations });
      discard = () => store.discard();
      const levels = new FileLevels(noting, policy.compression, store);
      const { artifacts, streams, ...taken } = await take(noting, host, { policy, access, ready, folder, base, gentle, compression: levels.files, onSealed: (artifact) => store.add(artifact, levels.made(artifact.name)) }).finally(() => gentle.close());
      const parent = base ? (taken.physical?.increment ? parentOfPages(noting, base, { inventory: taken.inventory, increment: taken.physical.increment }) : parentOf(noting, base, { inventory: taken.inventory, artifacts })) : null;
      if (!base && policy.method === "dump") requireCovered(taken.inventory, artifacts);
      const stored = await context.stage("store", () => store.finish(artifacts));
      const manifest: Manifest = {
        format: FORMAT,
        kind,
        method: policy.method,
        id: setId,
        runId: context.runId,
        host: host.config.host,
        server: ready.server,
        policy: policy.name,
        parent,
        startedAt: iso(startedAt),
        snapshotAt: iso(taken.snapshotAt),
        finishedAt: iso(context.clock.now()),
        coordinate: taken.coordinate,
        lockHeldMs: taken.lockHeldMs,
        compression: policy.compression,
        streams,
        ...(taken.physical ? { physical: taken.physical } : {}),
        schemas: policy.schemas ?? null,
        recipients: ready.recipients.map((key) => key.fingerprint),
        tools: ready.versions,
        artifacts: [...artifacts],
        inventory: taken.inventory,
        findings,
      };
      const manifestSha256 = manifestDigest(manifest);
      const kept = await context.stage("commit", async () => {
        const copies = [...(await stillThere(noting, manifest, stored, destinations)), ...(base?.absent ?? [])];
        // From here on it may be a set somewhere.
        discard = undefined;
        return commitStage(noting, host, { manifest, manifestSha256, copies, destinations });
      });
      const summary = summarise(manifest, manifestSha256);
      context.emit({ type: "set", summary });
      for (const copy of kept) context.emit({ type: "copy", setId, copy });
      const { sql } = taken;
      const twin = sql ? await context.stage("twin", () => storeTwin(noting, host, { of: manifest, sql, destinations })).catch((error: unknown) => onlyFiles(noting, error)) : undefined;
      return { manifest, manifestSha256, summary, copies: kept, ...(twin ? { twin } : {}) };
    } finally {
      gentle.close();
      await discard?.();
      await rm(folder, { recursive: true, force: true });
      await Promise.allSettled(destinations.map((destination) => destination.close()));
    }
  });
}

interface Taken extends DumpResult {
  readonly artifacts: readonly Artifact[];
  /** Dump children, or archive parts. */
  readonly streams: number;
  readonly physical?: PhysicalFiles;
  readonly sql?: SqlTwin;
}

/** Brings what the policy's server holds as sealed artifacts into the folder, by the policy's method. */
async function take(context: RunContext, host: HostRuntime, job: { policy: PolicyConfig; access: ServerAccess; ready: Ready; folder: string; base: Base | undefined; gentle: GentleReading; compression: FileCompression; onSealed: (artifact: Artifact) => void }): Promise<Taken> {
  const { policy, access, ready, folder, base, gentle, compression, onSealed } = job;
  const { server, client, fingerprints, ground } = ready;
  const heartbeats = heartbeatSchema(host);
  const streams = policy.parallel || Math.min(8, Math.max(2, availableParallelism()));
  const recipients = ready.recipients.map((key) => key.path);
  const physical = physicalMethod(policy);
  if (ground && physical) {
    const cloned = await physical.run(context, host, { access, server, client, policy, ground, folder, recipients, compression, streams, fingerprints, heartbeatSchema: heartbeats, gentle, onSealed }, base);
    return { ...cloned, streams: cloned.artifacts.filter(({ role }) => role === "files").length };
  }
  const sink = new ArtifactSink({ folder, compression, recipients, tools: host.tools, tempDir: host.folders.temp, signal: context.signal, niceness: gentle.priority, onSealed });
  const dump = await context.stage("dump", () => dumpStage(context, { access, server, client, policy, sink, streams, fingerprints, heartbeatSchema: heartbeats, base: base?.manifest, gentle }));
  return { ...dump, artifacts: sink.artifacts, streams };
}

/** The set of data files is real by then: that the other one is not is told, and only stops what was asked to stop. */
function onlyFiles(context: RunContext, error: unknown): undefined {
  throwIfCancelled(context.signal);
  context.finding("error", faultRecord(error));
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
