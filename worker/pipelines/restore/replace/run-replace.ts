import { chmod, lstat, mkdir, readdir, rename, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ReplacementRecord } from "#lib/contract/recovery/replacement.ts";
import type { RestorePlan } from "#lib/contract/recovery/restore.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { inodeOf } from "#worker/engines/data-folder/require-fit.ts";
import { run } from "#worker/exec/run.ts";
import { outcomeText } from "#worker/exec/spawn-tool.ts";
import { syncFolder } from "#worker/host/replace-file.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import { withRunLock } from "#worker/host/run-lock.ts";
import { type HostRuntime, siteBeside } from "#worker/host/runtime.ts";
import { copiesOfRun } from "#worker/pipelines/catalog/any-copy.ts";
import { checkFilesPlan, proveFiles, type ProvenFiles, syncFiles } from "../instance/prove-files.ts";
import { restoreSubject } from "../run-records.ts";
import { draftReplace, type ReplaceDraft } from "./draft-replace.ts";
import { closeExchange, endExchange, exchangeFolders } from "./exchange-folders.ts";
import { incomingName, keptName } from "./plan-replace.ts";
import { writeReplacement } from "./replacement-record.ts";
import { requireStopped } from "./require-stopped.ts";

/** A data directory that has taken the place of another. */
export interface ReplacedFolder {
  readonly server: string;
  readonly folder: string;
  /** What was there before, for the way back. */
  readonly kept: string;
  /** Commands that start the server, for a person. */
  readonly start: readonly string[];
  /** Under this id it can be taken back. */
  readonly runId: string;
  /** Seconds from the first byte read to a server that answered on the new files, in isolation. */
  readonly answeredAfterSeconds: number;
}

/** What the files of a backup do not hold and belongs to the server: its certificates, SET PERSIST, marks of the distribution's packages. */
const OWN = /^(?:.*\.pem|mysqld-auto\.cnf|debian-.*\.flag)$/;

/**
 * Runs a plan for the data directory of a stopped server, once: check that it holds → files beside it, proven (`proveFiles`) → two renames, by a record that tells whoever comes after a kill how to end them.
 * The old data directory is kept, the server is started by a person. Faults: PLAN_EXPIRED, PLAN_CHANGED, TYPED_NAME_WRONG, DATADIR_*, REPLACEMENT_*, those of `proveFiles`.
 */
export async function runReplace(context: RunContext, host: HostRuntime, plan: RestorePlan, { minutes, typed }: { readonly minutes: number; readonly typed: string | undefined }): Promise<ReplacedFolder> {
  const { server } = plan.request.target;
  return withRunLock(host.folders.locks, restoreSubject(server), async () => {
    const copies = copiesOfRun(context);
    const draft = await context.stage("check", () => checkFilesPlan(context, plan, { minutes, typed: { expected: server, given: typed } }, () => draftReplace(host, plan.request, copies)));
    const parent = siteBeside(draft.data.path);
    try {
      await mkdir(parent, { recursive: true, mode: 0o711 });
      await chmod(parent, 0o711);
      return await proveFiles(context, host, draft, { copies, parent, account: draft.data.account }, (files) => handOver(context, host, draft, files));
    } finally {
      await Promise.allSettled(draft.destinations.map((destination) => destination.close()));
      // Not while another run's files are in it.
      await rmdir(parent).catch(() => undefined);
    }
  });
}

async function handOver(context: RunContext, host: HostRuntime, draft: ReplaceDraft, files: ProvenFiles): Promise<ReplacedFolder> {
  const { data: { path, mode }, name: server, directory, start } = draft;
  const { runId } = context;
  await bringOwn(draft, files.data);
  if (!(await lstat(files.data)).isDirectory()) throw new Fault("DATADIR_UNFIT", { params: { path: files.data, message: "it is no directory" } });
  await chmod(files.data, mode);
  await syncFiles(files.data);
  await requireStopped(host, server, directory, path);
  if ((await inodeOf(path)) !== draft.data.inode) throw new Fault("PLAN_CHANGED", { params: { change: "the data directory is another one now" } });
  const kept = keptName(path, runId);
  const record: ReplacementRecord = { v: 1, runId, at: new Date(context.clock.now()).toISOString(), server, folder: path, kept, incoming: incomingName(path, runId), was: draft.data.inode, comes: (await inodeOf(files.data)) ?? "", state: "began", unit: directory.unit, start: [...start] };
  writeReplacement(host.folders, record);
  try {
    await rename(files.data, record.incoming);
    syncFolder(dirname(path));
    await exchangeFolders(record, (text) => context.log("info", text));
  } catch (error) {
    await endExchange(host.folders, record, "back");
    throw error;
  }
  closeExchange(host.folders, record, "replaced");
  context.log("info", `${path} is the new data directory of ${server}; to start it: ${start.join(" && ")}`);
  context.log("info", `to go back, with the server stopped: salvagente replacement undo ${runId} --confirm ${server}`);
  return { server, folder: path, kept, start, runId, answeredAfterSeconds: files.answeredAfterSeconds };
}

/** Copied under the server's account: no link in its old directory makes this process read what that account may not. Fault TOOL_FAILED. */
async function bringOwn({ data: { path, account } }: ReplaceDraft, to: string): Promise<void> {
  const own = (await readdir(path)).filter((name) => OWN.test(name)).map((name) => join(path, name));
  if (own.length === 0) return;
  const [tool = "cp", ...argv] = [...account.prefix, "cp", "--preserve=mode,timestamps", "--no-dereference", "--", ...own, to];
  const copied = await run(tool, argv);
  if (copied.code !== 0) throw new Fault("TOOL_FAILED", { params: { tool: "cp", outcome: outcomeText(copied) }, detail: copied.stderr });
}
