import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Assertion } from "#lib/contract/config/server.ts";
import type { Manifest, PhysicalFiles } from "#lib/contract/manifest/manifest.ts";
import { partsOf } from "#lib/contract/manifest/parts.ts";
import type { PlanBinding } from "#lib/contract/recovery/plan-hash.ts";
import type { RestoreRequest } from "#lib/contract/recovery/restore.ts";
import { isPhysical } from "#lib/domain/backup/methods.ts";
import { Fault, type FaultRecord, faultRecord } from "#lib/domain/fault/fault.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import { hostKeyring } from "#worker/host/recipients.ts";
import { requireRoom } from "#worker/host/require-room.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { AnyCopy } from "#worker/pipelines/catalog/any-copy.ts";
import { requireKeys } from "#worker/pipelines/catalog/loadable-artifacts.ts";
import { readSetAnywhere, type StoredSet } from "#worker/pipelines/catalog/read-set.ts";
import { physicalOf, requireUnpackPrograms, unpackedBytes } from "#worker/pipelines/catalog/unpack-set.ts";
import { checksOf } from "#worker/pipelines/verify/own-checks.ts";
import type { Destination } from "#worker/ports/destination.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import { replayBytes } from "../instant/replay-onto.ts";

/** Beside the files: redo log, undo, temporary tables, the first binary logs. Bytes. */
const MARGIN = 512 * 1024 * 1024;

/** All that making a server's data directory of a physical set will do, wherever it goes; found out anew when it is planned and again when it starts. */
export interface FilesDraft {
  readonly request: RestoreRequest;
  readonly set: StoredSet;
  /** Open adapters, the one that is read from first. To be closed by who asked for the draft. */
  readonly destinations: readonly Destination[];
  readonly physical: PhysicalFiles;
  readonly tools: ClientTools;
  readonly version: string;
  /** Of the server that the files are for. */
  readonly name: string;
  /** Own checks that it must pass before it is handed over. */
  readonly checks: readonly Assertion[];
  readonly warnings: readonly FaultRecord[];
  readonly binding: PlanBinding;
}

/** Where the files go: what was found there and decided, besides what a plan needs of it. */
export interface Site<T> {
  /** Where they are made; they need room there. */
  readonly place: string;
  /** What the plan's hash covers. */
  readonly bound: object;
  readonly warnings: readonly FaultRecord[];
  readonly found: T;
}

/** Reads set and host and decides. `lookAt`: looks at the place. Every reason against it is a Fault; the first is thrown. Changes nothing. `copies`: is told of those that gave way. */
export async function draftFiles<T>(host: HostRuntime, request: RestoreRequest, lookAt: (manifest: Manifest, tools: ClientTools) => Promise<Site<T>>, copies?: AnyCopy): Promise<FilesDraft & T> {
  const destinations = openDestinations(host, request.destination ? [request.destination] : host.settings.destinations.map(({ name }) => name));
  try {
    const set = await readSetAnywhere(host, destinations, request.server, request.setId, copies);
    const { manifest } = set.signed;
    if (!isPhysical(manifest)) throw new Fault("LOGICAL_SET", { params: { set: manifest.id } });
    if (request.scope.kind !== "server") throw new Fault("PHYSICAL_SET", { params: { set: manifest.id } });
    const physical = physicalOf(manifest);
    const { flavor } = manifest.server;
    const tools = host.tools.clients[flavor];
    if (!tools?.mysqld) throw new Fault("TOOL_MISSING", { params: { tool: flavor === "mysql" ? "mysqld" : "mariadbd" } });
    const version = await requireUnpackPrograms(host, manifest);
    const site = await lookAt(manifest, tools);
    const replayed = replayBytes(request.boundary);
    // What the log tells of may all be new rows.
    await requireRoom(await existing(site.place), unpackedBytes(manifest) + replayed + MARGIN);
    if (replayed > 0) await requireRoom(host.folders.spool, replayed);
    await requireKeys(await hostKeyring(host), partsOf(manifest));
    const level = set.verification?.level ?? "completed";
    const unproven = level === "proven" ? [] : [faultRecord(new Fault("SET_NOT_PROVEN", { params: { level } }))];
    const checks = checksOf(host, request);
    const binding = { request, manifestSha256: set.manifestSha256, artifacts: partsOf(manifest).map(({ artifact }) => artifact.name), target: { ...site.bound, version, checks } };
    return { ...site.found, request, set, destinations, physical, tools, version, name: request.target.server, checks, warnings: [...unproven, ...site.warnings], binding };
  } catch (error) {
    await Promise.allSettled(destinations.map((destination) => destination.close()));
    throw error;
  }
}

/** The nearest folder above that is there: its file system will hold what is made below. */
async function existing(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => null);
  return found ? folder : existing(dirname(folder));
}
