import { randomInt } from "node:crypto";
import { chmod, chown, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RestorePlan } from "#lib/contract/recovery/restore.ts";
import { Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { mariadbParts } from "#worker/engines/sandbox/mariadb-base.ts";
import { makeFolder } from "#worker/engines/sandbox/place.ts";
import { OWNER_FILE } from "#worker/engines/sandbox/reap.ts";
import { chooseAccount, type RunAs } from "#worker/engines/sandbox/run-as.ts";
import { locate } from "#worker/exec/launch.ts";
import { syncFolder } from "#worker/host/replace-file.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import { withRunLock } from "#worker/host/run-lock.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { copiesOfRun } from "#worker/pipelines/catalog/any-copy.ts";
import { draftInstance, type InstanceDraft } from "./draft-instance.ts";
import { instanceConfig, instancePaths, type InstanceSettings, instanceUnit } from "./instance-files.ts";
import { checkFilesPlan, proveFiles, type ProvenFiles, syncFiles } from "./prove-files.ts";

/** A new server that is ready to be started. */
export interface NewInstance {
  readonly name: string;
  readonly folder: string;
  readonly socket: string;
  readonly port: number;
  readonly config: string;
  readonly unit: string;
  /** Seconds from the first byte read to a server that answered. */
  readonly answeredAfterSeconds: number;
}

/**
 * Runs a plan for a new server, once: check that it holds → files, proven (`proveFiles`) → configuration and unit beside the data.
 * All of it is made under another name and gets its own at the very end: what a failed or killed run leaves is never taken for a server, and is cleared away.
 * Faults: PLAN_EXPIRED, PLAN_CHANGED, TARGET_NOT_EMPTY, those of `proveFiles`.
 */
export async function runInstance(context: RunContext, host: HostRuntime, plan: RestorePlan, minutes: number): Promise<NewInstance> {
  return withRunLock(host.folders.locks, `instance-${plan.request.target.server}`, async () => {
    const copies = copiesOfRun(context);
    const draft = await context.stage("check", () => checkFilesPlan(context, plan, { minutes }, () => draftInstance(host, plan.request, copies)));
    try {
      const parent = host.folders.instances ?? "";
      const program = locate(draft.tools.mysqld ?? "mysqld");
      await mkdir(parent, { recursive: true, mode: 0o711 });
      await chmod(parent, 0o711);
      const account = await chooseAccount(program, parent, host.config.instancesUser);
      return await proveFiles(context, host, draft, { copies, parent, account }, (files) => handOver(context, draft, { files, account, program }));
    } finally {
      await Promise.allSettled(draft.destinations.map((destination) => destination.close()));
    }
  });
}

/** Configuration and unit beside the data, all on disk, and then its name: from there on it is a server. */
async function handOver(context: RunContext, draft: InstanceDraft, { files, account, program }: { readonly files: ProvenFiles; readonly account: RunAs; readonly program: string }): Promise<NewInstance> {
  const { manifest } = draft.set.signed;
  const { place } = files;
  const settings: InstanceSettings = { name: draft.name, folder: draft.folder, port: draft.port, serverId: randomInt(1, 2 ** 32), bufferPool: files.bufferPool, program, uid: account.uid, gid: account.gid, ...(manifest.server.flavor === "mariadb" ? { baseFolder: mariadbParts(draft.tools, program).baseFolder } : {}) };
  if (account.root) context.finding("warning", faultRecord(new Fault("INSTANCE_RUNS_AS_ROOT", { params: { folder: draft.folder } })));
  const inside = instancePaths(place.folder, draft.name);
  for (const [path, text] of [[inside.config, instanceConfig(settings, manifest, draft.physical, draft.request.boundary)], [inside.unit, instanceUnit(settings, manifest)]] as const) {
    await writeFile(path, text);
    // Whatever this process' umask is: the server's account and systemd read them.
    await chmod(path, 0o644);
  }
  if (manifest.server.flavor === "mariadb") await makeFolder(inside.files, account);
  await chown(place.folder, account.uid, account.gid);
  await chmod(place.folder, 0o711);
  await syncFiles(place.folder);
  await rm(join(place.folder, OWNER_FILE));
  await rename(place.folder, draft.folder).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === "ENOTEMPTY" || cause.code === "EEXIST" || cause.code === "ENOTDIR" ? new Fault("TARGET_NOT_EMPTY", { params: { name: draft.folder }, cause }) : cause;
  });
  syncFolder(dirname(draft.folder));
  const { socket, config, unit } = instancePaths(draft.folder, draft.name);
  context.log("info", `new server ${draft.name} in ${draft.folder}; to start and keep it: systemctl enable --now ${unit}`);
  return { name: draft.name, folder: draft.folder, socket, port: draft.port, config, unit, answeredAfterSeconds: files.answeredAfterSeconds };
}
