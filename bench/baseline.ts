import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunningMysql } from "#scripts/services/mysql.ts";
import { toolPaths } from "#scripts/setup/tools.ts";
import { type Cost, measure } from "./measure.ts";

const PATIENCE_SECONDS = 3600;

/** The customer's nightly script, word for word but for the credentials' option file. `pipefail` so that the bench notices a failure; the script itself does not. */
const BACKUP_SCRIPT = 'set -o pipefail; "$1" --defaults-extra-file="$2" --single-transaction --routines --triggers --all-databases --source-data=2 | gzip > "$3"';
const RESTORE_SCRIPT = 'set -o pipefail; zcat "$3" | "$1" --defaults-extra-file="$2" --max-allowed-packet=1G';
const BARE_SCRIPT = '"$1" --defaults-extra-file="$2" --single-transaction --routines --triggers --all-databases --source-data=2 > /dev/null';

export interface BackupCost extends Cost {
  /** Bytes stored. */
  readonly bytes: number;
}

/** `mysqldump … | gzip > file`: the customer's full backup. */
export async function scriptBackup(server: RunningMysql, folder: string): Promise<BackupCost & { file: string }> {
  const file = join(folder, "script.sql.gz");
  const cost = await measure(script(BACKUP_SCRIPT, toolPaths().mysql.mysqldump, server, folder, file));
  return { ...cost, bytes: statSync(file).size, file };
}

/** The same dump thrown away, not compressed: what reading alone costs. */
export async function bareDump(server: RunningMysql, folder: string): Promise<Cost> {
  return measure(script(BARE_SCRIPT, toolPaths().mysql.mysqldump, server, folder));
}

/** `zcat file | mysql` into a fresh server: the customer's restore. */
export async function scriptRestore(target: RunningMysql, folder: string, file: string): Promise<Cost> {
  return measure(script(RESTORE_SCRIPT, toolPaths().mysql.mysql, target, folder, file));
}

function script(text: string, tool: string, server: RunningMysql, folder: string, file = "") {
  const options = join(folder, "client.cnf");
  writeFileSync(options, `[client]\nuser=${server.user}\npassword="${server.password}"\nsocket=${server.socket}\n`, { mode: 0o600 });
  return { argv: ["bash", "-c", text, "script", tool, options, file], servers: [server.pid], patienceSeconds: PATIENCE_SECONDS };
}
