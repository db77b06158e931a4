import type { PolicyConfig } from "#lib/contract/config/policy.ts";
import type { SourceServer } from "#lib/contract/manifest/manifest.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { backupGround } from "#worker/engines/mariadb-backup/preflight.ts";
import { ownerOfServingFolder } from "#worker/engines/mariadb-backup/serving-here.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import { readVariables, series } from "#worker/engines/server/identify.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { requireRoom } from "#worker/host/require-room.ts";
import { type CloneReady, requireAccount, requireSameSeries, requireSeriesOf } from "./clone-ground.ts";

/** The redo log that is written while files are copied, and the isolated server's own. Bytes. */
const MARGIN = 512 * 1024 * 1024;

/**
 * Everything that can be known before `mariadb-backup` copies a server's files: is it the program of this series, does the server work in a folder of this host that its
 * account reads, may the database account, is there room for a copy. The first finding of severity error is thrown as a Fault; the others are told.
 */
export async function requireMariadbBackupGround(context: RunContext, host: HostRuntime, job: { readonly policy: PolicyConfig; readonly access: ServerAccess; readonly server: SourceServer }): Promise<CloneReady> {
  const { access, policy, server } = job;
  if (!hasBackupStages(server)) throw new Fault("MARIADB_BACKUP_UNSUPPORTED", { params: { server: server.name, version: server.version } });
  const program = host.tools.clients.mariadb?.mariadbBackup;
  if (!program) throw new Fault("TOOL_MISSING", { params: { tool: "mariadb-backup" } });
  await requireSameSeries(host, server);
  await requireSeriesOf(program, server);
  const connection = await connect(access);
  try {
    const dataFolder = (await readVariables(connection)).get("datadir") ?? "";
    const account = await requireAccount(host, await ownerOfServingFolder(connection, server.name, dataFolder));
    const { findings, physical } = await backupGround(connection, policy, dataFolder);
    for (const { severity, fault } of findings) context.finding(severity === "error" ? "warning" : severity, fault);
    const stop = findings.find(({ severity }) => severity === "error");
    if (stop) throw new Fault(stop.fault.code, { params: stop.fault.params });
    await requireRoom(host.folders.sandbox, physical.bytes + MARGIN);
    return { account, physical, others: false, dataFolder };
  } finally {
    connection.destroy();
  }
}

/** BACKUP STAGE, by which the program holds as few writers as can be, came with 10.4; the program of 10.5 uses it. */
function hasBackupStages({ flavor, version }: SourceServer): boolean {
  const [major, minor] = series(version);
  return flavor === "mariadb" && (major > 10 || (major === 10 && minor >= 5));
}
