import type { Flavor } from "#lib/contract/names.ts";
import { run } from "#worker/exec/run.ts";
import type { ClientTools } from "#worker/ports/tools.ts";

/** What an installed dump program is able to do. */
export interface DumpProgram {
  /** It copies the rows of the past of system-versioned tables (mariadb-dump from 10.11). */
  readonly history: boolean;
  /** It runs a statement when it connects (mysqldump 9.7 does): see `connectionCharset` in args.ts. */
  readonly initCommand: boolean;
}

const known = new Map<string, Promise<string>>();

/** Asks the program of this family what it is able to do; once per program. */
export async function dumpProgram(flavor: Flavor, { mysqldump }: ClientTools): Promise<DumpProgram> {
  const answer = known.get(mysqldump) ?? run(mysqldump, ["--no-defaults", "--help"], { timeoutMs: 30_000 }).then(({ stdout }) => stdout);
  known.set(mysqldump, answer);
  answer.catch(() => known.delete(mysqldump));
  const help = await answer;
  return { history: flavor === "mariadb" && /^\s*(?:-H, )?--dump-history\b/m.test(help), initCommand: flavor === "mysql" && /^\s*--init-command=/m.test(help) };
}
