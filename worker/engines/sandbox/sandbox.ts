import { existsSync } from "node:fs";
import { chmod, chown, mkdir, open, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Flavor } from "#lib/contract/names.ts";
import type { SourceServer } from "#lib/contract/manifest/manifest.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { Secret } from "#lib/platform/secret.ts";
import { someOf } from "#worker/engines/preflight/finding.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import { series } from "#worker/engines/server/identify.ts";
import { locate, signalGroup } from "#worker/exec/launch.ts";
import { abortFault, run } from "#worker/exec/run.ts";
import { outcomeText, type RunningTool, spawnTool, type ToolEnd } from "#worker/exec/spawn-tool.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import { accountStatements, dropForeignAccounts, guestStatements, newSandboxPassword, SANDBOX_USER } from "./accounts.ts";
import { sandboxArguments, serverZone } from "./args.ts";
import { type FilledData, filledArguments } from "./filled.ts";
import { mariadbParts } from "./mariadb-base.ts";
import { makeFolder, makePlace, noteOwner, type Place, wipe } from "./place.ts";
import { type RecipientSettings, recipientArguments } from "./recipient.ts";
import { placeRelayLogs, replayArguments, type ReplaySettings } from "./replay-arguments.ts";
import { chooseAccount, type RunAs } from "./run-as.ts";
import { availableMemory, cores, sandboxSizes, type SandboxSizes } from "./sizing.ts";
import { newDataFolder } from "./template.ts";

export interface SandboxRequest {
  /** Programs of the source's family; `mysqld` (and `installDb` for MariaDB) must be there. */
  readonly tools: ClientTools;
  readonly flavor: Flavor;
  /** Folder for all sandboxes of this host; made when missing, passable (0711) but not readable. */
  readonly folder: string;
  /** Account to run under when the worker is root; default mysql, then nobody. */
  readonly user?: string | undefined;
  /** Settings to take over; its version must not be newer than the program's. */
  readonly source: SourceServer;
  /** Aborting kills the server and wipes its folder. */
  readonly signal: AbortSignal;
  /** For the log: `restore-test 2026…`. */
  readonly purpose: string;
  /** Expected size of the data, bytes: sizes the memory and is asked of the disk beforehand. */
  readonly dataBytes?: number | undefined;
  readonly log?: ((level: "info" | "warn", text: string) => void) | undefined;
  /** Set: binary logs of the source can be replayed once it is loaded. */
  readonly replay?: ReplaySettings | undefined;
  /** Set: the server starts on these data instead of new ones. Room for them is the caller's to look after. */
  readonly filled?: FilledData | undefined;
  /** Set: it can receive the files of another server (MySQL). */
  readonly recipient?: RecipientSettings | undefined;
}

export interface Sandbox {
  readonly access: ServerAccess;
  readonly pid: number;
  readonly version: string;
  readonly sizes: SandboxSizes;
  /** Its data directory. */
  readonly data: string;
  /** Resolves when the server's process is gone, whoever ended it. */
  readonly ended: Promise<ToolEnd>;
  /** Last lines of the server's own log. */
  logTail(): Promise<string>;
  /** Makes binary log files of the source this server's relay logs, in the order given (MySQL, started with `replay`). Gives their names there. */
  placeRelayLogs(files: readonly string[]): Promise<string[]>;
  /** Orderly shutdown, killed when it takes longer than the patience (default a minute); the files stay until `destroy`. True when it ended well. */
  stop(patienceMs?: number): Promise<boolean>;
  /** Kills the server and wipes all it had. Idempotent. */
  destroy(): Promise<void>;
}

/**
 * Starts an isolated throw-away server: fresh data directory, reachable by its socket only and with a random password.
 * Faults: SANDBOX_FAILED (with the end of its log), CLONE_ENCRYPTED (files that only another server's keyring opens), TARGET_TOO_OLD, TOOL_MISSING, DISK_SPACE, DISK_FULL, CANCELLED.
 */
export async function startSandbox(request: SandboxRequest): Promise<Sandbox> {
  const { tools, flavor, folder, source, signal } = request;
  if (signal.aborted) throw abortFault(signal);
  const program = locate(tools.mysqld ?? (flavor === "mysql" ? "mysqld" : "mariadbd"));
  const version = await programVersion(program, source);
  await mkdir(folder, { recursive: true, mode: 0o711 });
  await chmod(folder, 0o711);
  if (!request.filled) await requireSpace(folder, request.dataBytes ?? 0);
  const account = request.filled?.account ?? (await chooseAccount(program, folder, request.user));
  if (account.root) request.log?.("warn", `No unprivileged account can run ${program} in ${folder}: the isolated server runs as root.`);
  const place = await makePlace(folder, account);
  try {
    const server = await start({ ...request, program, version, account, place });
    request.log?.("info", `Isolated ${flavor} ${version} for ${request.purpose}: pid ${server.pid}.`);
    return server;
  } catch (error) {
    await wipe(place);
    throw error;
  }
}

interface Start extends SandboxRequest {
  readonly program: string;
  readonly version: string;
  readonly account: RunAs;
  readonly place: Place;
}

async function start(request: Start): Promise<Sandbox> {
  const { place, account, source, signal, program } = request;
  const { folder } = place;
  const { baseFolder, installDb } = request.flavor === "mariadb" ? mariadbParts(request.tools, program) : {};
  const { filled } = request;
  const data = filled?.folder ?? join(folder, "data");
  if (filled) await filled.fill(data, account);
  else await newDataFolder({ ...request, lowerCaseTableNames: source.lowerCaseTableNames, baseFolder, installDb, folder: request.folder, pageSize: request.recipient?.pageSize }, data);
  for (const name of ["tmp", "files", "relay"]) await makeFolder(join(folder, name), account);
  const password = new Secret(newSandboxPassword());
  const initFile = join(folder, "init.sql");
  await writeFile(initFile, filled ? guestStatements(password) : accountStatements(password), { mode: 0o600 });
  await chown(initFile, account.uid, account.gid);
  const sizes = sandboxSizes(request.dataBytes ?? 0, availableMemory(), cores());
  const places = {
    data, temporary: join(folder, "tmp"), socket: join(place.socketFolder, "s"), pidFile: join(folder, "pid"), errorLog: join(folder, "error.log"),
    initFile, filesFolder: join(folder, "files"), baseFolder,
  };
  const [tool, ...argv] = [...account.prefix, program, ...sandboxArguments(source, places, sizes), ...(filled ? filledArguments(source, filled) : []), ...(request.recipient ? recipientArguments(request.recipient) : []), ...(request.replay ? replayArguments(source, join(folder, "relay"), request.replay) : []), ...(account.root ? ["--user=root"] : [])];
  const child = spawnTool(tool ?? program, argv, { stdout: "ignore", niceness: 10, cwd: folder, env: serverZone(source.timeZone).environment });
  const logTail = (): Promise<string> => readTail(places.errorLog, child);
  let gone: Promise<void> | undefined;
  const destroy = (): Promise<void> => (gone ??= end(child, place));
  const onAbort = (): void => void destroy().catch(() => undefined);
  try {
    await noteOwner(place, child.pid);
    const access: ServerAccess = { name: `sandbox-${child.pid}`, socket: places.socket, user: SANDBOX_USER, password };
    await untilReady(access, child, signal, filled ? RECOVERY_MS : START_MS);
    if (!filled) await dropForeign(access);
    await rm(initFile, { force: true });
    if (signal.aborted) throw abortFault(signal);
    signal.addEventListener("abort", onAbort, { once: true });
    void child.done.then(() => signal.removeEventListener("abort", onAbort));
    return { access, pid: child.pid, version: request.version, sizes, data, ended: child.done, logTail, placeRelayLogs: (files) => placeRelayLogs(files, join(folder, "relay"), account), stop: (patienceMs) => stop(child, patienceMs), destroy };
  } catch (error) {
    const detail = await logTail();
    await destroy();
    if (error instanceof Fault && error.code !== "SANDBOX_FAILED") throw error;
    if (/No space left on device|errno:? 28|Disk is full|OS error number 28/i.test(detail)) throw new Fault("DISK_FULL", { params: { path: request.folder }, detail, cause: error });
    const locked = [...detail.matchAll(/in datafile: (?:\.\/)?(\S+) can't be decrypted/g)].map(([, file = ""]) => file);
    if (filled && /can't find master key/.test(detail)) throw new Fault("CLONE_ENCRYPTED", { params: { count: Math.max(1, locked.length), tables: someOf(locked) || "—" }, detail, cause: error });
    const message = error instanceof Fault ? String(error.params.message) : String(error);
    throw new Fault("SANDBOX_FAILED", { params: { message }, detail, cause: error });
  }
}

/** Data that were copied while they changed are brought to one point first: as long as that takes. */
const RECOVERY_MS = 6 * 3_600_000;
const START_MS = 120_000;

async function untilReady(access: ServerAccess, child: RunningTool, signal: AbortSignal, patienceMs: number): Promise<void> {
  let ended: ToolEnd | undefined;
  void child.done.then((end) => (ended = end), () => undefined);
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; ) {
    if (signal.aborted) throw abortFault(signal);
    if (ended) throw new Fault("SANDBOX_FAILED", { params: { message: outcomeText(ended) } });
    if (existsSync(access.socket ?? "")) {
      const connection = await connect(access, { timeoutMs: 5000 }).catch(() => null);
      if (connection) return connection.end();
    }
    await sleep(20);
  }
  throw new Fault("SANDBOX_FAILED", { params: { message: `no answer after ${patienceMs / 1000} s` } });
}

async function dropForeign(access: ServerAccess): Promise<void> {
  const connection = await connect(access);
  await dropForeignAccounts(connection);
  await connection.end();
}

async function programVersion(program: string, source: SourceServer): Promise<string> {
  const { stdout, code } = await run(program, ["--no-defaults", "--version"], { timeoutMs: 30_000 });
  const version = /Ver\s+(\S+)/.exec(stdout)?.[1];
  if (code !== 0 || !version) throw new Fault("SANDBOX_FAILED", { params: { message: `${program} --version: ${outcomeText({ code, signal: null })}` }, detail: stdout });
  const [own, wanted] = [series(version), series(source.version)];
  const isMariadb = /mariadb/i.test(stdout);
  if (isMariadb !== (source.flavor === "mariadb") || own[0] < wanted[0] || (own[0] === wanted[0] && own[1] < wanted[1])) {
    throw new Fault("TARGET_TOO_OLD", { params: { target: `${program} ${version}`, source: `${source.flavor} ${source.version}` } });
  }
  return version;
}

/** The data grow by indexes being built and by temporary files; 512 MiB are for the server itself. */
async function requireSpace(folder: string, dataBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const needed = Math.ceil(dataBytes * 1.5) + 512 * 1024 * 1024;
  if (free < needed) throw new Fault("DISK_SPACE", { params: { path: folder, free: `${Math.floor(free / 1e6)} MB`, needed: `${Math.ceil(needed / 1e6)} MB` } });
}

async function stop(child: RunningTool, patienceMs = 60_000): Promise<boolean> {
  signalGroup(child.pid, "SIGTERM");
  const timer = setTimeout(() => signalGroup(child.pid, "SIGKILL"), patienceMs);
  const { code } = await child.done;
  clearTimeout(timer);
  return code === 0;
}

async function end(child: RunningTool, place: Place): Promise<void> {
  signalGroup(child.pid, "SIGKILL");
  await child.done.catch(() => undefined);
  await wipe(place);
}

async function readTail(file: string, child: RunningTool): Promise<string> {
  const handle = await open(file).catch(() => null);
  if (!handle) return Promise.race([child.done.then((end) => end.stderrTail), sleep(200).then(() => "")]);
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, 6000);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString("utf8");
  } finally {
    await handle.close();
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
