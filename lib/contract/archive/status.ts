import { z } from "zod";
import { faultRecord, instant, slug } from "../names.ts";

/** Place in the server's binary logs. */
export const binlogPlace = z.object({ file: z.string(), position: z.number().int() });
export type BinlogPlace = z.infer<typeof binlogPlace>;

/** What a destination holds of a server's archive. */
export const archivedCopy = z.object({
  destination: slug,
  /** Last closed file that was read back intact there. */
  lastClosed: z.string().nullable(),
  /** Everything up to here can be read there, the open file's tail included. */
  reaches: binlogPlace.nullable(),
  checkedAt: instant.nullable(),
  fault: faultRecord.nullable(),
});
export type ArchivedCopy = z.infer<typeof archivedCopy>;

/** A fault that was noticed while archiving; gaps and changed histories stay on record. */
export const archiveFault = z.object({ at: instant, fault: faultRecord });
export type ArchiveFault = z.infer<typeof archiveFault>;

/** How the continuous archive of one server stands, written by the process that runs it. */
export const archiveStatus = z.object({
  server: slug,
  policy: slug,
  at: instant,
  /** `streaming`; `reconnecting` after an end of the stream, whatever its exit code; `disk-full` until there is room; `stopped` in order. */
  state: z.enum(["starting", "streaming", "reconnecting", "disk-full", "stopped"]),
  serverUuid: z.string().nullable(),
  epoch: z.number().int().nullable(),
  /** Where the server wrote when it was last asked. */
  source: binlogPlace.nullable(),
  /** What lies here on disk, fsynced. */
  local: binlogPlace.nullable(),
  /** Bytes of the server's current file that are not here yet; null while the files differ or nothing is known. */
  lagBytes: z.number().int().nullable(),
  lastSealedAt: instant.nullable(),
  /** Files that are here and not yet at every destination, the open one included. */
  unsealed: z.array(z.object({ file: z.string(), bytes: z.number().int(), open: z.boolean() })),
  copies: z.array(archivedCopy),
  /** Why heartbeats cannot be written; null also where none are wanted, absent from older workers. */
  heartbeatTrouble: faultRecord.nullable().optional(),
  /** Why there is no stream at the moment. */
  trouble: faultRecord.nullable(),
  /** Newest first, at most fifty. */
  faults: z.array(archiveFault),
});
export type ArchiveStatus = z.infer<typeof archiveStatus>;
