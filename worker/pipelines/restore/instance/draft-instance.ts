import { readdir } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import type { RestoreRequest } from "#lib/contract/recovery/restore.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import type { AnyCopy } from "#worker/pipelines/catalog/any-copy.ts";
import { draftFiles, type FilesDraft } from "./draft-files.ts";
import { instancePaths } from "./instance-files.ts";

/** A socket's path holds 107 bytes at most (unix(7)). */
const SOCKET_BYTES = 107;

/** All that making a new server of a physical set will do. */
export interface InstanceDraft extends FilesDraft {
  readonly port: number;
  /** Of the new server; absent or empty now. */
  readonly folder: string;
}

/** As {@link draftFiles}, for a new server. Faults besides: INSTANCES_UNSET, TARGET_NOT_EMPTY, INSTANCE_PORT_TAKEN. */
export async function draftInstance(host: HostRuntime, request: RestoreRequest, copies?: AnyCopy): Promise<InstanceDraft> {
  const { target } = request;
  if (target.kind !== "instance") throw new Error("no new server is asked for");
  const { instances } = host.folders;
  if (instances === null) throw new Fault("INSTANCES_UNSET");
  const folder = join(instances, target.server);
  const lookAt = async () => {
    await requireNewFolder(folder, target.server);
    await requireFreePort(target.port);
    return { place: instances, bound: { folder, replaced: [] }, warnings: [], found: { port: target.port, folder } };
  };
  return draftFiles(host, request, lookAt, copies);
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
