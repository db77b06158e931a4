import { chmod, chown, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Connection } from "mysql2/promise";
import type { PolicyConfig } from "#lib/contract/config/policy.ts";
import type { PhysicalFiles, SourceServer } from "#lib/contract/manifest/manifest.ts";
import { Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import type { Donor } from "#worker/engines/clone/clone-remote.ts";
import { cloneGround } from "#worker/engines/clone/preflight.ts";
import { textRows } from "#worker/engines/inventory/information-schema.ts";
import { RUN_PREFIX } from "#worker/engines/sandbox/reap.ts";
import { actAs, canEnter, chooseAccount, type RunAs } from "#worker/engines/sandbox/run-as.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import { series } from "#worker/engines/server/identify.ts";
import { locate } from "#worker/exec/launch.ts";
import { run } from "#worker/exec/run.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { requireRoom } from "#worker/host/require-room.ts";
import { isDonor, requireDonor, requireOwnDonor, requireSameRelease } from "./donor-ground.ts";

/** The server's own needs while its files are brought to one point: redo log, temporary tables. Bytes. */
const MARGIN = 256 * 1024 * 1024;

export interface CloneReady {
  /** The account that writes the copy: the server's, or that of isolated servers where one of them fetches it. */
  readonly account: RunAs;
  readonly physical: Omit<PhysicalFiles, "files">;
  /** Are there tables whose rows the copy will lack? */
  readonly others: boolean;
  /** Its data directory, where its files lie on this host. */
  readonly dataFolder?: string | undefined;
  /** Set: the server is elsewhere, or may be read at a rate only, and hands its files over to one that is started here. */
  readonly donor?: Donor | undefined;
}

interface GroundJob {
  readonly policy: PolicyConfig;
  readonly access: ServerAccess;
  readonly server: SourceServer;
}

/**
 * Everything that can be known before the server copies its files: may it, can this worker read and remove what it writes, is there room.
 * The first finding of severity error is thrown as a Fault; the others are told.
 */
export async function requireCloneGround(context: RunContext, host: HostRuntime, job: GroundJob): Promise<CloneReady> {
  const { access, policy, server } = job;
  const connection = await connect(access);
  const remote = server.flavor === "mysql" && (await isElsewhere(host, access, server, connection));
  // A server elsewhere may well have a worker of its own that uses a folder of the same name.
  const ground = await cloneGround(connection, server, { name: policy.name, schemas: policy.schemas ?? null }, remote ? null : host.folders.sandbox).finally(() => connection.destroy());
  const { physical, dataFolder } = ground;
  for (const { severity, fault } of ground.findings) context.finding(severity === "error" ? "warning" : severity, fault);
  const stop = ground.findings.find(({ severity }) => severity === "error");
  if (stop) throw new Fault(stop.fault.code, { params: stop.fault.params });
  const found = await requireSameSeries(host, server);
  const program = locate(host.tools.clients.mysql?.mysqld ?? "mysqld");
  const owner = remote ? undefined : await ownerOf(server, dataFolder);
  const donor = await donorFor(context, host, job, { remote, program, found, pageSize: physical.pageSize });
  const account = owner && !donor ? await requireAccount(host, owner) : await isolatedAccount(host, program);
  await requireRoom(host.folders.sandbox, physical.bytes + MARGIN);
  return { account, physical, others: ground.others.length > 0, ...(remote ? {} : { dataFolder }), donor };
}

/** Who hands the files to an isolated server: a server elsewhere must be able to; one of this host is asked to where the policy names a rate, which no copy that it makes itself would keep. */
async function donorFor(context: RunContext, host: HostRuntime, { access, policy, server }: GroundJob, { remote, program, found, pageSize }: { readonly remote: boolean; readonly program: string; readonly found: string; readonly pageSize: number }): Promise<Donor | undefined> {
  if (!remote && policy.niceness?.bytesPerSecond === undefined) return undefined;
  try {
    requireSameRelease(program, found, server);
    return await (remote ? requireDonor(host, access, server, pageSize) : requireOwnDonor(host, access, server, pageSize));
  } catch (error) {
    if (remote || !(error instanceof Fault)) throw error;
    // A backup at full speed is better than none.
    const { message } = error.params;
    context.finding("warning", faultRecord(new Fault("CLONE_AT_FULL_SPEED", { params: { server: server.name, message: error.detail ?? message ?? error.message } })));
    return undefined;
  }
}

/** Under which isolated servers run here: one of them writes the copy, another starts on it. */
async function isolatedAccount(host: HostRuntime, program: string): Promise<RunAs> {
  await chmod(host.folders.sandbox, 0o711);
  return chooseAccount(program, host.folders.sandbox, host.config.sandboxUser);
}

/** Do its files come over the network: because worker.yaml says so, or because it is reached by TCP and works on another host? */
async function isElsewhere(host: HostRuntime, access: ServerAccess, server: SourceServer, connection: Connection): Promise<boolean> {
  if (isDonor(host, server.name)) return true;
  if (access.socket) return false;
  const [row] = await textRows(connection, "SELECT @@datadir");
  return ownerOf(server, row?.[0] ?? "").then(() => false, (error: unknown) => error instanceof Fault && error.code === "CLONE_OTHER_HOST");
}

/** Fault PHYSICAL_SERIES: a server of another series would convert the files, or refuse them. */
export async function requireSameSeries(host: HostRuntime, server: Pick<SourceServer, "name" | "flavor" | "version">): Promise<string> {
  const program = host.tools.clients[server.flavor]?.mysqld;
  if (!program) throw new Fault("TOOL_MISSING", { params: { tool: server.flavor === "mysql" ? "mysqld" : "mariadbd" } });
  return requireSeriesOf(program, server);
}

/** The same for any program of a server's family that tells its version. Gives it. */
export async function requireSeriesOf(program: string, server: Pick<SourceServer, "name" | "version">): Promise<string> {
  const { stdout, stderr } = await run(program, ["--no-defaults", "--version"], { timeoutMs: 30_000 });
  const found = /(?:Ver|server)\s+(\d\S*)/.exec(`${stdout}${stderr}`)?.[1] ?? "?";
  const [own, wanted] = [series(found).join("."), series(server.version).join(".")];
  if (own !== wanted) throw new Fault("PHYSICAL_SERIES", { params: { program, found, server: server.name, expected: wanted } });
  return found;
}

/** The account of a server can write where sandboxes lie, and this process can act for it. Tried, not guessed. Faults CLONE_OTHER_ACCOUNT, CLONE_FOLDER_REFUSED. */
export async function requireAccount(host: HostRuntime, owner: { readonly uid: number; readonly gid: number }): Promise<RunAs> {
  const account = actAs(owner);
  const { sandbox } = host.folders;
  if (!account) throw new Fault("CLONE_OTHER_ACCOUNT", { params: { path: sandbox, uid: owner.uid } });
  await chmod(sandbox, 0o711);
  const trial = await mkdtemp(join(sandbox, RUN_PREFIX));
  try {
    await chown(trial, account.uid, account.gid).catch((cause: unknown) => {
      throw new Fault("CLONE_OTHER_ACCOUNT", { params: { path: sandbox, uid: owner.uid }, cause });
    });
    if (!(await canEnter(account, trial))) throw new Fault("CLONE_FOLDER_REFUSED", { params: { path: sandbox, message: `uid ${owner.uid} cannot pass into it` } });
  } finally {
    await rm(trial, { recursive: true, force: true });
  }
  return account;
}

/** Who owns the data directory that the server speaks of. Its identity file must lie there: the same path may be another folder in a container, or on another host. */
async function ownerOf(server: SourceServer, dataFolder: string): Promise<{ uid: number; gid: number }> {
  const elsewhere = (cause?: unknown): Fault => new Fault("CLONE_OTHER_HOST", { params: { server: server.name, path: dataFolder }, cause });
  let identity: string;
  try {
    identity = await readFile(join(dataFolder, "auto.cnf"), "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EACCES") throw new Fault("CLONE_OTHER_ACCOUNT", { params: { path: dataFolder, uid: "?" }, cause });
    throw elsewhere(cause);
  }
  if (!identity.includes(server.uuid)) throw elsewhere();
  const { uid, gid } = await stat(dataFolder);
  return { uid, gid };
}
