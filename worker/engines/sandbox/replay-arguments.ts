import { chown, copyFile, link, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SourceServer } from "#lib/contract/manifest/manifest.ts";
import type { RunAs } from "./run-as.ts";

/** How an isolated server is to replay binary logs after it was loaded. */
export interface ReplaySettings {
  /** Transactions applied at once (MySQL's applier); at least 1. */
  readonly workers: number;
  /** The schemas that the full holds: what happened to others is passed over (MySQL). Null, and `everything` for data files: all. */
  readonly schemas?: readonly string[] | null | "everything" | undefined;
}

/** No real server is likely to have it. Events of a server with the same id would be passed over in silence. */
const SERVER_ID = 4_294_967_295;

/** A server on data files that none was started on rolls back what was open then, for as long as that takes; the log may write to the very same rows. */
const ROLLBACK_SECONDS = 3600;

/**
 * argv of an isolated server that replays. MySQL: archived files are its relay logs, which it neither recovers nor purges; transactions commit in the
 * source's order. MariaDB: a binary log of its own, whose GTID position is the proof of what was replayed. Must follow `--skip-log-bin` on the command line.
 */
export function replayArguments(source: Pick<SourceServer, "flavor" | "gtidMode">, folder: string, { workers, schemas }: ReplaySettings): string[] {
  if (source.flavor === "mariadb") {
    return [`--server-id=${SERVER_ID}`, `--log-bin=${join(folder, "replayed")}`, "--binlog-format=ROW", "--sync-binlog=0", "--log-bin-trust-function-creators=1", `--innodb-lock-wait-timeout=${ROLLBACK_SECONDS}`];
  }
  const gtids = source.gtidMode.startsWith("ON");
  return [
    `--server-id=${SERVER_ID}`,
    "--replicate-same-server-id=ON",
    `--relay-log=${join(folder, RELAY_BASE)}`,
    `--relay-log-index=${join(folder, RELAY_INDEX)}`,
    "--relay-log-recovery=OFF",
    "--relay-log-purge=OFF",
    "--sync-relay-log=0",
    `--replica-parallel-workers=${workers}`,
    "--replica-preserve-commit-order=ON",
    ...filters(schemas ?? null),
    ...(gtids ? ["--gtid-mode=ON", "--enforce-gtid-consistency=ON"] : ["--gtid-mode=OFF"]),
  ];
}

/** Puts plain binary log files, in their order, where the server looks for relay logs. Call before the applier is set up. Gives their names there. */
export async function placeRelayLogs(files: readonly string[], folder: string, account: RunAs): Promise<string[]> {
  const names = files.map((_, index) => `${RELAY_BASE}.${String(index + 1).padStart(6, "0")}`);
  for (const [index, name] of names.entries()) {
    const path = join(folder, name);
    // The same file under a second name where that can be: a day of logs need not be written twice.
    await link(files[index] as string, path).catch(() => copyFile(files[index] as string, path));
    await chown(path, account.uid, account.gid);
  }
  const index = join(folder, RELAY_INDEX);
  await writeFile(index, names.map((name) => `${join(folder, name)}\n`).join(""), { mode: 0o600 });
  await chown(index, account.uid, account.gid);
  return names;
}

function filters(schemas: readonly string[] | null | "everything"): string[] {
  if (schemas === "everything") return [];
  return (schemas ?? []).map((name) => `--replicate-wild-do-table=${pattern(name)}.%`);
}

/** A schema's name as the filter's pattern: `_` and `%` stand for themselves. */
function pattern(name: string): string {
  return name.replace(/[\\_%]/g, "\\$&");
}

const RELAY_BASE = "relay";
const RELAY_INDEX = "relay.index";
