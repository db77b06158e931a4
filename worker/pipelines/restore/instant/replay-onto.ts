import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Manifest } from "#lib/contract/manifest/manifest.ts";
import type { ReplayBoundary } from "#lib/contract/recovery/instant.ts";
import { isPhysical } from "#lib/domain/backup/methods.ts";
import { Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { textRows } from "#worker/engines/inventory/information-schema.ts";
import { replay, type ReplayReport } from "#worker/engines/replay/replay.ts";
import type { ReplaySettings } from "#worker/engines/sandbox/replay-arguments.ts";
import type { Sandbox } from "#worker/engines/sandbox/sandbox.ts";
import { cores } from "#worker/engines/sandbox/sizing.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import { noteRate } from "#worker/host/road-rates.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { Fetching } from "#worker/pipelines/catalog/fetch-artifact.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import { archivedSegments } from "./archived-segments.ts";
import { cutTo, fetchPlainSegment } from "./plain-segment.ts";

/**
 * Brings the archived files that a plan is bound to into `folder` (made when missing), opened and cut to the bytes that the plan saw. Gives their
 * paths in order. Faults PLAN_CHANGED where the archive holds something else now, those of {@link fetchPlainSegment}.
 */
export async function fetchBoundFiles(context: RunContext, host: HostRuntime, { server, boundary, from }: { readonly server: string; readonly boundary: ReplayBoundary; readonly from: Fetching }): Promise<string[]> {
  const { copies, destinations, folder } = from;
  const archived = await archivedSegments(host, destinations, server, undefined, copies);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const paths: string[] = [];
  for (const [number, bound] of boundary.segments.entries()) {
    // The tail that the plan saw may have been replaced since by a longer one, or by the closed file.
    const epoch = bound.key.slice(0, bound.key.lastIndexOf("/"));
    const segment = archived.find(({ key }) => key === bound.key) ?? archived.find(({ key, index }) => key.startsWith(`${epoch}/`) && index.file === bound.file);
    if (!segment) throw new Fault("PLAN_CHANGED", { params: { change: `${bound.file} is no longer in the archive` } });
    const path = join(folder, bound.file);
    context.progress({ stage: "prepare", bytesDone: 0, itemsDone: number, itemsTotal: boundary.segments.length, item: bound.file });
    await fetchPlainSegment(host, segment, path, context.signal, copies);
    await cutTo(path, bound);
    paths.push(path);
  }
  return paths;
}

/** Plain bytes of binary log that a boundary replays; 0 for none. */
export function replayBytes(boundary: ReplayBoundary | undefined): number {
  return (boundary?.segments ?? []).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** How an isolated server must be started so that a boundary can be replayed in it. Data files hold every schema, a dump those of its policy. */
export function replaySettings(manifest: Pick<Manifest, "method" | "schemas">): ReplaySettings {
  return { workers: Math.max(4, cores()), schemas: isPhysical(manifest) ? "everything" : manifest.schemas };
}

/** Replays the files onto a server that holds the full, and checks where that led. Faults as of {@link replay}. */
export async function replayOnto(context: RunContext, host: HostRuntime, job: { readonly sandbox: Sandbox; readonly tools: ClientTools; readonly manifest: Manifest; readonly boundary: ReplayBoundary; readonly files: readonly string[]; readonly stage: string }): Promise<ReplayReport> {
  const { sandbox, tools, manifest, boundary, files, stage } = job;
  const off = await eventsOff(sandbox.access, manifest);
  const report = await replay({
    sandbox,
    flavor: manifest.server.flavor,
    tools,
    files,
    start: { position: manifest.coordinate?.position ?? "4", gtidSet: manifest.coordinate?.gtidSet ?? null },
    stop: boundary.stop,
    expectedGtids: boundary.expectedGtids,
    skip: boundary.skip,
    signal: context.signal,
    onProgress: (item) => context.progress({ stage, bytesDone: 0, item }),
  });
  noteRate(host, "replay", replayBytes(boundary), report.seconds);
  context.log("info", `replayed by ${report.way} in ${report.seconds.toFixed(1)} s${boundary.expectedGtids === null ? "" : `, GTIDs as expected: ${boundary.expectedGtids}`}`);
  const switched = (await eventsOff(sandbox.access, manifest)).filter((name) => !off.includes(name));
  if (switched.length > 0) context.finding("warning", faultRecord(new Fault("INSTANT_EVENTS_OFF", { params: { events: switched.slice(0, 40).join(", ") } })));
  return report;
}

/** Events that stand as on a replica; those of a source that is one itself do before the replay. */
async function eventsOff(access: ServerAccess, { server }: Manifest): Promise<string[]> {
  if (server.flavor !== "mysql") return [];
  const connection = await connect(access);
  try {
    return (await textRows(connection, "SELECT EVENT_SCHEMA, EVENT_NAME FROM information_schema.EVENTS WHERE STATUS NOT IN ('ENABLED', 'DISABLED') ORDER BY 1, 2")).map((name) => name.join("."));
  } finally {
    connection.destroy();
  }
}
