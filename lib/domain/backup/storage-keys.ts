/** Kinds of backup set that have a folder of their own under a server. */
export const SET_KINDS = ["full", "differential"] as const;
export type SetKind = (typeof SET_KINDS)[number];

export const MANIFEST_NAME = "manifest.json";
export const VERIFICATION_NAME = "verification.json";
export const RECOVER_NAME = "RECOVER.md";

/** `<server>/<kind>/<set>/`: everything under it belongs to one set. */
export function setPrefix(server: string, kind: SetKind, setId: string): string {
  return `${server}/${kind}/${setId}/`;
}

export function artifactKey(server: string, kind: SetKind, setId: string, artifact: string): string {
  return setPrefix(server, kind, setId) + artifact;
}

/** Written last: its presence means that the set is complete. */
export function manifestKey(server: string, kind: SetKind, setId: string): string {
  return artifactKey(server, kind, setId, MANIFEST_NAME);
}

/** The verdict of the newest verification of the set. */
export function verificationKey(server: string, kind: SetKind, setId: string): string {
  return artifactKey(server, kind, setId, VERIFICATION_NAME);
}

/** How to recover the server's sets with standard tools only. */
export function recoverKey(server: string): string {
  return `${server}/${RECOVER_NAME}`;
}

export interface SetKey {
  readonly server: string;
  readonly kind: SetKind;
  readonly setId: string;
  /** File name inside the set's folder. */
  readonly name: string;
  readonly role: "artifact" | "manifest" | "verification";
}

/** What a key of a set says, or null when it is no key of a set (RECOVER.md, binlog segments, foreign files). */
export function parseSetKey(key: string): SetKey | null {
  if (!isStorageKey(key)) return null;
  const segments = key.split("/");
  if (segments.length !== 4) return null;
  const [server, kind, setId, name] = segments as [string, string, string, string];
  const known = SET_KINDS.find((candidate) => candidate === kind);
  if (!known || !SERVER.test(server) || !SET_ID.test(setId)) return null;
  const role = name === MANIFEST_NAME ? "manifest" : name === VERIFICATION_NAME ? "verification" : "artifact";
  return { server, kind: known, setId, name, role };
}

/** Binary log of one server, one count of its files: after RESET, or other bytes under a known name, a new epoch begins. */
export interface BinlogEpoch {
  readonly server: string;
  /** MySQL's server_uuid; `server-<id>` on MariaDB. */
  readonly serverUuid: string;
  /** From 1. */
  readonly epoch: number;
}

/** `<server>/binlog/`: the archive of all epochs of a server. */
export function archivePrefix(server: string): string {
  return `${server}/binlog/`;
}

/** A whole file that the server has closed. */
export function segmentKey(log: BinlogEpoch, file: string): string {
  return `${epochPrefix(log)}${file}${SEALED}`;
}

/** A stretch of the beginning of a file that the server still writes: from a byte up to before another. */
export function tailKey(log: BinlogEpoch, file: string, { from, end }: { readonly from: number; readonly end: number }): string {
  return `${epochPrefix(log)}${file}.${from}-${end}.tail${SEALED}`;
}

/** The signed description beside a sealed binary log. */
export function segmentIndexKey(sealedKey: string): string {
  return `${sealedKey.slice(0, -SEALED.length)}.json`;
}

/** The sealed list of the transactions of a closed binary log, beside it. */
export function transactionsKey(sealedKey: string): string {
  return `${sealedKey.slice(0, -SEALED.length)}${TRANSACTIONS}`;
}

export interface SegmentKey extends BinlogEpoch {
  readonly file: string;
  /** Where a piece of an open file ends; null for a closed file. */
  readonly tailEnd: number | null;
  /** Where it begins; 0 also for tails of older workers, which were not cut into pieces. */
  readonly tailFrom: number;
  readonly role: "sealed" | "index" | "transactions";
}

/** What a key of the archive says, or null when it is none. */
export function parseSegmentKey(key: string): SegmentKey | null {
  const match = isStorageKey(key) ? SEGMENT_KEY.exec(key) : null;
  if (!match) return null;
  const [, server = "", serverUuid = "", epoch, file = "", tailFrom = "0", tailEnd, ending] = match;
  return { server, serverUuid, epoch: Number(epoch), file, tailFrom: Number(tailFrom), tailEnd: tailEnd === undefined ? null : Number(tailEnd), role: ending === SEALED ? "sealed" : ending === TRANSACTIONS ? "transactions" : "index" };
}

/** `<server>/binlog/<uuid>/<epoch>/` */
export function epochPrefix({ server, serverUuid, epoch }: BinlogEpoch): string {
  return `${archivePrefix(server)}${serverUuid}/${epoch}/`;
}

/**
 * May a destination take this key? Segments of `[A-Za-z0-9._-]`, not starting with a dot (adapters keep unfinished files under
 * such names), 255 bytes a segment (file systems), 900 in all (S3 takes 1,024 with the configured prefix).
 */
export function isStorageKey(key: string): boolean {
  return key.length <= 900 && key.split("/").every((segment) => SEGMENT.test(segment));
}

/** May a listing ask for this prefix? The beginning of a valid key: empty, or cut anywhere. */
export function isStoragePrefix(prefix: string): boolean {
  return prefix === "" || isStorageKey(prefix.endsWith("/") ? prefix.slice(0, -1) : prefix);
}

const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}$/;
const SERVER = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;
const SEALED = ".zst.gpg";
const TRANSACTIONS = ".transactions.zst.gpg";
/** A binary log's name ends in its number, so a tail's position is never taken for it. */
const SEGMENT_KEY = /^([a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?)\/binlog\/([A-Za-z0-9-]+)\/([1-9]\d{0,8})\/([A-Za-z0-9_-][A-Za-z0-9._-]*\.\d{6,10})(?:\.(?:(\d{1,15})-)?(\d{1,15})\.tail)?((?:\.transactions)?\.zst\.gpg|\.json)$/;
const SET_ID = /^\d{8}T\d{6}Z-[0-9a-f]{6,12}$/;
