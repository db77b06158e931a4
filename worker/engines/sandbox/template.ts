import { randomUUID } from "node:crypto";
import { chmod, chown, mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Flavor } from "#lib/contract/names.ts";
import { outcomeText } from "#worker/exec/spawn-tool.ts";
import { type RunResult, run } from "#worker/exec/run.ts";
import type { RunAs } from "./run-as.ts";

export interface TemplateRequest {
  /** MariaDB's installer. */
  readonly installDb: string | undefined;
  readonly program: string;
  readonly flavor: Flavor;
  readonly version: string;
  readonly lowerCaseTableNames: number;
  readonly account: RunAs;
  readonly baseFolder: string | undefined;
  /** Sandbox folder; templates lie in `templates/` below it. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** MySQL: `innodb_page_size`, bytes. */
  readonly pageSize?: number | undefined;
}

const DEFAULT_PAGE = 16384;

/**
 * Fills `target` (must not exist) with a new data directory: a copy of one initialised once per server version, account, page size and
 * lower_case_table_names (both fixed at initialisation). A copy takes a fraction of a second, an initialisation several. Fault SANDBOX_FAILED.
 */
export async function newDataFolder(request: TemplateRequest, target: string): Promise<void> {
  const templates = join(request.folder, "templates");
  const name = `${request.flavor}-${request.version.replace(/[^\w.-]/g, "_")}-lc${request.lowerCaseTableNames}-u${request.account.uid}${request.pageSize && request.pageSize !== DEFAULT_PAGE ? `-p${request.pageSize}` : ""}`;
  const template = join(templates, name);
  if (!(await exists(template))) {
    await mkdir(templates, { recursive: true, mode: 0o711 });
    await chmod(templates, 0o711); // the umask of a worker takes more away
    // Made under a name of its own and renamed: two workers may do it at once, a crash leaves no half template.
    const fresh = join(templates, `.${name}-${randomUUID()}`);
    try {
      await initialise(request, fresh);
      await rm(join(fresh, "auto.cnf"), { force: true });
      await rename(fresh, template).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
      });
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  }
  const copied = await run("cp", ["-a", "--reflink=auto", "--", template, target], { signal: request.signal });
  expectSuccess("cp", copied, target);
}

async function initialise(request: TemplateRequest, folder: string): Promise<void> {
  const { account, program } = request;
  // A server at its start removes every `#sql*` file of its temporary folder: never one that it shares with another server.
  const temporary = `${folder}-tmp`;
  for (const path of [folder, temporary]) {
    await mkdir(path, { mode: 0o700 });
    await chown(path, account.uid, account.gid);
  }
  // A small redo log keeps the template small; the start enlarges it.
  const argv =
    request.flavor === "mysql"
      ? [program, "--no-defaults", "--initialize-insecure", `--datadir=${folder}`, `--lower-case-table-names=${request.lowerCaseTableNames}`, "--innodb-redo-log-capacity=8M", `--innodb-page-size=${request.pageSize ?? DEFAULT_PAGE}`]
      : mariadbInstall(request, folder);
  argv.push(`--tmpdir=${temporary}`);
  const [tool, ...rest] = [...account.prefix, ...argv, ...(account.root ? ["--user=root"] : [])];
  const result = await run(tool ?? "", rest, { signal: request.signal, timeoutMs: 180_000, cwd: "/" }).finally(() => rm(temporary, { recursive: true, force: true }));
  expectSuccess(argv[0] ?? "", result, folder);
}

function mariadbInstall(request: TemplateRequest, folder: string): string[] {
  if (!request.installDb) throw new Fault("TOOL_MISSING", { params: { tool: "mariadb-install-db" } });
  return [
    request.installDb,
    "--no-defaults",
    ...(request.baseFolder ? [`--basedir=${request.baseFolder}`] : []),
    `--datadir=${folder}`,
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
    "--innodb-log-file-size=8M",
    `--lower-case-table-names=${request.lowerCaseTableNames}`,
  ];
}

function expectSuccess(tool: string, result: RunResult, path: string): void {
  if (result.code === 0) return;
  const detail = `${result.stdout}\n${result.stderr}`.slice(-4000);
  if (/No space left on device|errno:? 28/i.test(detail)) throw new Fault("DISK_FULL", { params: { path }, detail });
  throw new Fault("SANDBOX_FAILED", { params: { message: `${tool.split("/").at(-1)}: ${outcomeText(result)}` }, detail });
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
