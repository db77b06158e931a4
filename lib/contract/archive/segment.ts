import { z } from "zod";
import { FORMAT, signature } from "../manifest/manifest.ts";
import { flavor, instant, md5Hex, sha256Hex, slug } from "../names.ts";

/** Microseconds since 1970, as decimal text: passes 2^53 in 2255, and never through a float. */
export const microseconds = z.string().regex(/^\d{1,19}$/);

/** How a binary log file ends. `open`: the tail of the file that the server still writes. `torn`: the server died, neither rotation nor stop. */
export const segmentEnd = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("rotated"), next: z.string() }),
  z.object({ kind: z.literal("stopped") }),
  z.object({ kind: z.literal("torn") }),
  z.object({ kind: z.literal("open") }),
]);
export type SegmentEnd = z.infer<typeof segmentEnd>;

/** What reading a binary log file from its first to its last whole event tells. */
export const segmentContent = z.object({
  /** Position after the last whole event = bytes of the file that count. */
  endPosition: z.number().int(),
  events: z.number().int(),
  transactions: z.number().int(),
  /** Transactions that were logged as statements: replay may differ. */
  statementTransactions: z.number().int(),
  /** GTIDs before the first event; null where GTIDs are off. MySQL: GTID set. MariaDB: GTID list. */
  previousGtids: z.string().nullable(),
  /** GTIDs of the transactions in this file. */
  gtids: z.string().nullable(),
  /** Commit times (MySQL immediate_commit_timestamp; MariaDB whole seconds) of the first and last transaction, and the highest; null without any. */
  firstCommitAt: microseconds.nullable(),
  lastCommitAt: microseconds.nullable(),
  latestCommitAt: microseconds.nullable(),
  end: segmentEnd,
  /** Transactions that are nothing but heartbeats, and the last of them; absent where none were written, and in the archives of older workers. */
  heartbeats: z.object({ count: z.number().int(), last: z.object({ committedAt: microseconds, start: z.number().int(), end: z.number().int() }).nullable() }).optional(),
  serverVersion: z.string(),
  serverId: z.number().int(),
});
export type SegmentContent = z.infer<typeof segmentContent>;

/** A stretch of a file that the server still writes: bytes `from` up to before `end`. */
const tailPiece = z.object({
  from: z.number().int(),
  end: z.number().int(),
  /** Of the file's first `content.endPosition` bytes: what all pieces up to this one make together. */
  beginningSha256: sha256Hex,
});

const plainBytes = z.object({ bytes: z.number().int(), sha256: sha256Hex });
const sealedBytes = z.object({ bytes: z.number().int(), sha256: sha256Hex, md5: md5Hex });

/** Description of an archived binary log file, stored beside it as signed JSON. Enough for chain and recovery window. */
export const segmentIndex = z.object({
  format: z.literal(FORMAT),
  kind: z.literal("segment"),
  server: slug,
  host: slug,
  flavor,
  /** MySQL server_uuid; MariaDB has none: `server-<server_id>`. */
  serverUuid: z.string(),
  /** Counts up when the same server begins its logs anew (RESET) or gives other bytes under a known name. */
  epoch: z.number().int(),
  /** The server's name of the file, `binlog.000012`, and its number. */
  file: z.string(),
  number: z.number().int(),
  archivedAt: instant,
  /** Of a piece: what stands in the file from its beginning up to the last event that ends in this piece or before it. */
  content: segmentContent,
  /** Only of pieces of an open file; absent in the tails of older workers, which begin with the file. `plain` and `sealed` are then the piece's own. */
  piece: tailPiece.optional(),
  plain: plainBytes,
  sealed: sealedBytes,
  recipients: z.array(z.string()),
  /** The list of its transactions beside it, sealed to the same keys; absent in the archives of older workers, of tails, and where it could not be made. */
  transactions: z.object({ plain: plainBytes, sealed: sealedBytes }).optional(),
});
export type SegmentIndex = z.infer<typeof segmentIndex>;

export const signedSegment = z.object({ segment: segmentIndex, signature });
