import type { SetSummary } from "#lib/contract/events.ts";
import type { Manifest } from "#lib/contract/manifest/manifest.ts";
import { newId } from "#lib/platform/ids.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { manifestDigest } from "#worker/host/sign-document.ts";
import type { Destination } from "#worker/ports/destination.ts";
import type { SqlTwin } from "./clone-stages.ts";
import { commitStage } from "./commit-stage.ts";
import { requireCovered } from "./parent-set.ts";
import { SetStore } from "./set-store.ts";
import { summarise } from "./summarise.ts";

export interface TwinJob {
  /** Manifest of the set of data files, committed already. */
  readonly of: Manifest;
  readonly sql: SqlTwin;
  readonly destinations: readonly Destination[];
}

/**
 * The SQL of the same instant as a set of its own: stored, read back, committed, like any dump. Its place in the binary log is that of the data files.
 * Tells set and copies. Faults as of storing; the set of data files stands whatever becomes of this one.
 */
export async function storeTwin(context: RunContext, host: HostRuntime, { of, sql, destinations }: TwinJob): Promise<SetSummary> {
  requireCovered(sql.inventory, sql.artifacts);
  const id = newId(context.clock.now());
  const { physical: _files, ...shared } = of;
  const store = new SetStore(context, { server: of.server.name, kind: "full", setId: id, folder: sql.folder, destinations });
  const copies = await store.finish(sql.artifacts).catch(async (error: unknown) => {
    await store.discard();
    throw error;
  });
  const manifest: Manifest = { ...shared, id, twin: of.id, method: "dump", streams: sql.streams, artifacts: [...sql.artifacts], inventory: sql.inventory, finishedAt: new Date(context.clock.now()).toISOString() };
  const manifestSha256 = manifestDigest(manifest);
  const kept = await commitStage(context, host, { manifest, manifestSha256, copies, destinations });
  const summary = summarise(manifest, manifestSha256);
  context.emit({ type: "set", summary });
  for (const copy of kept) context.emit({ type: "copy", setId: id, copy });
  return summary;
}
