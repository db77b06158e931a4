import { readdir, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import type { PlanBinding } from "#lib/contract/recovery/plan-hash.ts";
import type { Assertion } from "#lib/contract/config/server.ts";
import type { RestoreRequest } from "#lib/contract/recovery/restore.ts";
import type { PhysicalFiles } from "#lib/contract/manifest/manifest.ts";
import { partsOf } from "#lib/contract/manifest/parts.ts";
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
import type { ClientTools } from "#worker/ports/tools.ts";
import type { Destination } from "#worker/ports/destination.ts";
import { replayBytes } from "../instant/replay-onto.ts";
import { instancePaths } from "./instance-files.ts";

/** Beside the files: redo log, undo, temporary tables, the first binary logs. Bytes. */
const MARGIN = 512 * 1024 * 1024;
/** A socket's path holds 107 bytes at most (unix(7)). */
const SOCKET_BYTES = 107;

/** All that making a new server of a physical set will do, found out anew when it is planned and again when it starts. */
export interface InstanceDraft {
  readonly request: RestoreRequest;
  readonly set: StoredSet;
  /** Open adapters, the one that is read from first. To be closed by who asked for the draft. */
  readonly destinations: readonly Destination[];
  readonly physical: PhysicalFiles;
  readonly tools: ClientTools;
  readonly version: string;
  readonly name: string;
  readonly port: number;
  /** Of the new server; absent or empty now. */
  readonly folder: string;
  /** Own checks that it must pass before it is handed over. */
  readonly checks: readonly Assertion[];
  readonly warnings: readonly FaultRecord[];
  readonly binding: PlanBinding;
}

/** Reads set and host and decides. Every reason against it is a Fault; the first is thrown. Changes nothing. `copies`: is told of those that gave way. */
export async function draftInstance(host: HostRuntime, request: RestoreRequest, copies?: AnyCopy): Promise<InstanceDraft> {
  const { target } = request;
  if (target.kind !== "instance") throw new Error("no new server is asked for");
  const { instances } = host.folders;
  if (instances === null) throw new Fault("INSTANCES_UNSET");
  const folder = join(instances, target.server);
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
    await requireNewFolder(folder, target.server);
    await requireFreePort(target.port);
    const replayed = replayBytes(request.boundary);
    // What the log tells of may all be new rows.
    await requireRoom(await existing(instances), unpackedBytes(manifest) + replayed + MARGIN);
    if (replayed > 0) await requireRoom(host.folders.spool, replayed);
    await requireKeys(await hostKeyring(host), partsOf(manifest));
    const level = set.verification?.level ?? "completed";
    const warnings = level === "proven" ? [] : [faultRecord(new Fault("SET_NOT_PROVEN", { params: { level } }))];
    const checks = checksOf(host, request);
    const binding = { request, manifestSha256: set.manifestSha256, artifacts: partsOf(manifest).map(({ artifact }) => artifact.name), target: { folder, version, replaced: [], checks } };
    return { request, set, destinations, physical, tools, version, name: target.server, port: target.port, folder, checks, warnings, binding };
  } catch (error) {
    await Promise.allSettled(destinations.map((destination) => destination.close()));
    throw error;
  }
}

/** Never over what exists. Faults TARGET_NOT_EMPTY, INPUT_INVALID for a folder whose socket path would be too long. */
async function requireNewFolder(folder: string, name: string): Promise<void> {
  const { socket } = instancePaths(folder, name);
  if (Buffer.byteLength(socket) > SOCKET_BYTES) throw new Fault("INPUT_INVALID", { params: { fields: `instancesDir: ${socket} has more than ${SOCKET_BYTES} bytes` } });
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new Fault("TARGET_NOT_EMPTY", { params: { name: folder }, cause: error });
  });
  if (entries.length > 0) throw new Fault("TARGET_NOT_EMPTY", { params: { name: folder } });
}

async function requireFreePort(port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (cause) => reject(new Fault("INSTANCE_PORT_TAKEN", { params: { port }, cause })));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve()));
  });
}

/** The nearest folder above that is there: its file system will hold what is made below. */
async function existing(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => null);
  return found ? folder : existing(dirname(folder));
}
