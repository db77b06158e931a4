import { rename } from "node:fs/promises";
import { Fault } from "#lib/domain/fault/fault.ts";
import { removeNotes } from "#worker/engines/mariadb-backup/copy-notes.ts";
import { prepareFiles } from "#worker/engines/mariadb-backup/prepare-files.ts";
import { availableMemory, cores, sandboxSizes } from "#worker/engines/sandbox/sizing.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { copiesOfRun } from "#worker/pipelines/catalog/any-copy.ts";
import { applyChanges, physicalOf, unpackSet } from "#worker/pipelines/catalog/unpack-set.ts";
import { type CloneJob, type CloneResult, dumpClone, withStreamsOf } from "./clone-stages.ts";
import { CopyPacking } from "./copy-packing.ts";
import type { Base } from "./find-base.ts";
import { readCopy, startCopy, takeCopy, toolOf, withCopyFolder } from "./mariadb-backup-copy.ts";

/**
 * A physical full of MariaDB: `mariadb-backup` copies the files and brings them to one point → packed into sealed archives as they are → an isolated server started on them
 * says what they hold, and is dumped where the policy wants both. It is started only after the packing: it writes to the files, and what it wrote to takes no increments any more.
 * With `base`: a differential. The copy is gone afterwards, whatever happens.
 */
export async function mariadbBackupStages(context: RunContext, host: HostRuntime, job: CloneJob, base?: Base): Promise<CloneResult> {
  if (base) return changedPages(context, host, job, base);
  return withCopyFolder(host, job, async (copy) => {
    const packing = new CopyPacking(context, host, job);
    try {
      const taken = await context.stage("clone", async () => {
        packing.whileCopied(copy);
        const notes = await takeCopy(context, job, copy);
        await prepareFiles({ ...toolOf(context, job), memory: sandboxSizes(job.ground.physical.bytes, availableMemory(), cores()).bufferPool }, copy);
        await removeNotes(copy);
        return notes;
      });
      const { lsn, ...told } = taken;
      const { artifacts, physical } = await context.stage("seal", () => packing.finishFiles(copy));
      const fill = (data: string): Promise<void> => rename(copy, data);
      const { inventory, sql } = await onCopy(context, host, job, fill);
      return { ...told, artifacts, physical: { ...physical, lsn }, inventory, ...(sql ? { sql } : {}) };
    } finally {
      await packing.end();
    }
  });
}

/**
 * A differential: the pages that changed since the full, sealed and stored → the full is fetched and unpacked here, the pages laid over it, and an isolated server on the two
 * says what they hold together. Nothing else could: the pages alone are no data, and the source is past that point.
 */
async function changedPages(context: RunContext, host: HostRuntime, job: CloneJob, { manifest, destinations }: Base): Promise<CloneResult> {
  const full = physicalOf(manifest);
  const { lsn: since } = full;
  if (!since) throw new Fault("DIFFERENTIAL_NO_PAGES", { params: { set: manifest.id } });
  return withCopyFolder(host, job, async (changes) => {
    const packing = new CopyPacking(context, host, job, "changes");
    try {
      const { lsn, ...told } = await context.stage("clone", () => takeCopy(context, job, changes, since.to));
      const { artifacts, physical: { files, bytes, ...server } } = await context.stage("seal", () => packing.finishFiles(changes));
      const fill = async (data: string): Promise<void> => {
        const { account } = job.ground;
        await unpackSet(context, host, { signed: { manifest } }, { data, account, stage: "prepare", from: { copies: copiesOfRun(context), destinations } });
        await applyChanges(context, host, { server: manifest.server.name, data, bytes: full.bytes, lsn: since, account }, changes);
      };
      const { inventory } = await onCopy(context, host, job, fill);
      const physical = { ...server, files: full.files + files, bytes: full.bytes + bytes, lsn, increment: { files, bytes } };
      return { ...told, artifacts, physical, inventory };
    } finally {
      await packing.end();
    }
  });
}

/** What an isolated server on the files says of them, and its dump. */
async function onCopy(context: RunContext, host: HostRuntime, job: CloneJob, fill: (data: string) => Promise<void>): Promise<Pick<CloneResult, "inventory" | "sql">> {
  const sandbox = await context.stage("prepare", () => startCopy(context, host, job, fill));
  try {
    const inventory = await context.stage("inventory", () => readCopy(context, job, sandbox));
    const sql = job.policy.alsoDump ? await context.stage("dump", () => dumpClone(context, host, job, sandbox, undefined)) : undefined;
    return sql ? { inventory: withStreamsOf(sql.inventory, undefined), sql } : { inventory };
  } finally {
    await sandbox.destroy();
  }
}
