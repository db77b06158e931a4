import { partsOf } from "#lib/contract/manifest/parts.ts";
import type { PhysicalFiles, SourceServer } from "#lib/contract/manifest/manifest.ts";
import { brokenHistory, type FilesState } from "#lib/domain/backup/page-history.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { logsNow } from "#worker/engines/mariadb-backup/files-now.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import { series } from "#worker/engines/server/identify.ts";
import { hostKeyring } from "#worker/host/recipients.ts";
import { requireRoom } from "#worker/host/require-room.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { requireKeys } from "#worker/pipelines/catalog/loadable-artifacts.ts";
import { physicalOf } from "#worker/pipelines/catalog/unpack-set.ts";
import type { CloneReady } from "./clone-ground.ts";
import type { Base } from "./find-base.ts";

/** The changed pages, the redo log written while they are copied, the isolated server's own files. Bytes. */
const MARGIN = 512 * 1024 * 1024;

/**
 * May pages that changed since this full be laid over it, and can this host do that? What a differential holds is counted on the two together.
 * Faults DIFFERENTIAL_OTHER_FILES, DIFFERENTIAL_NO_PAGES, KEY_MISSING, DISK_SPACE.
 */
export async function requireSameFiles(host: HostRuntime, job: { readonly access: ServerAccess; readonly server: SourceServer; readonly ground: CloneReady; readonly base: Base }): Promise<void> {
  const { access, server, ground, base: { manifest } } = job;
  const full = physicalOf(manifest);
  if (!full.lsn) throw new Fault("DIFFERENTIAL_NO_PAGES", { params: { set: manifest.id } });
  const connection = await connect(access);
  try {
    const now = { ...stateOf(server, ground.physical), ...(await logsNow(connection, manifest.coordinate)) };
    const reason = brokenHistory({ ...stateOf(manifest.server, full), lsn: full.lsn.to, gtids: manifest.coordinate?.gtidSet ?? null }, now);
    if (reason) throw new Fault("DIFFERENTIAL_OTHER_FILES", { params: { set: manifest.id, message: reason } });
  } finally {
    connection.destroy();
  }
  await requireKeys(await hostKeyring(host), partsOf(manifest));
  await requireRoom(host.folders.sandbox, full.bytes + MARGIN);
}

function stateOf({ version }: Pick<SourceServer, "version">, { origin, pageSize, dataFilePath, undoTablespaces }: Omit<PhysicalFiles, "files">): FilesState {
  return { series: series(version).join("."), origin, pageSize, dataFilePath, undoTablespaces };
}
