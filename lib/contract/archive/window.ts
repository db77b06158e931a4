import { z } from "zod";
import { faultRecord, instant, slug } from "../names.ts";
import { microseconds } from "./segment.ts";
import { archiveStatus } from "./status.ts";

/** Why nothing can be reached for a while: the reasons of lib/domain/binlog/recovery-window.ts. */
export const gapReason = z.enum(["missing-files", "other-next", "unfinished", "missing-transactions", "lost-transactions", "conflict", "short", "not-archived", "archive-ends"]);

/** A stretch of time to any instant of which a server can be brought back; commit times, both included. */
export const windowBand = z.object({ from: microseconds, to: microseconds });

/** Instants that nothing reaches, both ends left out. `to` null: open behind. `about`: file names or GTIDs. */
export const windowGap = z.object({ from: microseconds, to: microseconds.nullable(), reason: gapReason, about: z.string() });

/** The server's clock went back between two transactions that follow each other in the log: their commit times. `start`: place of the second, where it is known. */
export const clockStepBack = z.object({ from: microseconds, to: microseconds, file: z.string(), start: z.number().int().nullable() });

/** A destination's copy that was read again and held this heartbeat: all that was committed before can be had from there. */
export const heartbeatReadBack = z.object({
  destination: slug,
  committedAt: microseconds,
  checkedAt: instant,
  /** The row was found in the opened copy; false: this host has no private key, the bytes are those that were sealed with it. */
  opened: z.boolean(),
});
export type HeartbeatReadBack = z.infer<typeof heartbeatReadBack>;

/**
 * From when to when a server can be brought back, as its worker last worked it out from what lies at the destinations, and how its archive stands.
 * Oldest first; of very many stretches the newest.
 */
export const recoveryReport = z.object({
  server: slug,
  /** When the destinations were last read for this; null until they were once. */
  at: instant.nullable(),
  bands: z.array(windowBand),
  gaps: z.array(windowGap),
  /** Older stretches that are not listed. */
  bandsLeftOut: z.number().int(),
  /** The newest that descriptions tell of: around them a time may mean more than one place. Absent from older workers. */
  clockSteps: z.array(clockStepBack).optional(),
  /** A destination holds all that the server had written when it was last asked: nothing was committed behind the window's end. */
  complete: z.boolean(),
  archive: archiveStatus.shape.state,
  lagBytes: z.number().int().nullable(),
  /** By destination, the newest heartbeat that was read back; empty where none are written, absent from older workers. */
  readBack: z.array(heartbeatReadBack).optional(),
  /** Why there is no stream, or why the destinations could not be read. */
  trouble: faultRecord.nullable(),
});
export type RecoveryReport = z.infer<typeof recoveryReport>;
