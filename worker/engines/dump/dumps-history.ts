import type { Flavor } from "#lib/contract/names.ts";
import { run } from "#worker/exec/run.ts";
import type { ClientTools } from "#worker/ports/tools.ts";

const known = new Map<string, Promise<boolean>>();

/** Can the installed dump program copy the rows of the past of system-versioned tables (mariadb-dump from 10.11)? Asked once per program. */
export function dumpsHistory(flavor: Flavor, client: ClientTools): Promise<boolean> {
  if (flavor !== "mariadb") return Promise.resolve(false);
  const answer = known.get(client.mysqldump) ?? run(client.mysqldump, ["--no-defaults", "--help"], { timeoutMs: 30_000 }).then(({ stdout }) => /^\s*(?:-H, )?--dump-history\b/m.test(stdout));
  known.set(client.mysqldump, answer);
  answer.catch(() => known.delete(client.mysqldump));
  return answer;
}
