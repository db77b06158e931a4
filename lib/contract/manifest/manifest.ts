import { z } from "zod";
import { BACKUP_METHODS } from "#lib/domain/backup/methods.ts";
import { areWhole } from "#lib/domain/backup/key-ranges.ts";
import { compression } from "../config/policy.ts";
import { faultRecord, fingerprint, flavor, instant, md5Hex, runId, sha256Hex, slug } from "../names.ts";

export const FORMAT = "salvagente/1";

/** Place in the binary log that the snapshot stands at. */
export const coordinate = z.object({
  file: z.string(),
  /** Byte position, as text: may pass 2^53. */
  position: z.string(),
  /** `@@gtid_executed` (MySQL) or `gtid_binlog_pos` (MariaDB); null where GTIDs are off. */
  gtidSet: z.string().nullable(),
});
export type Coordinate = z.infer<typeof coordinate>;

/** SHA-256 scan of a table on the source inside the snapshot (docs/format). Decimal or hex text. */
export const tableFingerprint = z.object({
  rows: z.number().int(),
  digest: z.string(),
  /** Columns compared with tolerance because a logical dump rounds them. */
  lossyColumns: z.array(z.string()).default([]),
});
export type TableFingerprint = z.infer<typeof tableFingerprint>;

/** What a table's rows look like in the dump, independent of date, host and parallelism. */
export const dataStream = z.object({ bytes: z.number().int(), sha256: sha256Hex });
export type DataStream = z.infer<typeof dataStream>;

/** A bound of keys: decimal text, since a key may pass 2^53; null: open. */
const keyBound = z.string().regex(/^(?:0|-?[1-9]\d{0,19})$/).nullable();

/** Keys of the first column of a primary key, an integer: `from` belongs to it, `to` does not. */
const keyRange = z.object({ from: keyBound, to: keyBound });

/** A large table that was dumped in ranges of its primary key, each a data artifact of its own unless it has no rows; together they hold every key once. */
export const tableCut = z.object({
  column: z.string(),
  ranges: z.array(keyRange.extend({ /** Counted in the snapshot. */ rows: z.number().int(), stream: dataStream.nullable() })).refine(areWhole, "ranges hold every key exactly once"),
});
export type TableCut = z.infer<typeof tableCut>;

export const tableEntry = z.object({
  name: z.string(),
  engine: z.string(),
  /** Rows counted in the snapshot. */
  rows: z.number().int(),
  /** Data and index bytes as the server estimates them. */
  dataBytes: z.number().int(),
  /** SHA-256 of the canonical structure (columns, indexes, constraints, options). */
  structure: sha256Hex,
  /** MySQL only: its rows were read without ORDER BY, since they come by primary key by themselves, or as they were put in, where nothing orders them. Absent: sorted by its unique keys. */
  unsorted: z.enum(["by-key", "as-put-in"]).optional(),
  /** Null where the table was not dumped, or dumped in ranges. */
  stream: dataStream.nullable(),
  cut: tableCut.optional(),
  fingerprint: tableFingerprint.nullable(),
});
export type TableEntry = z.infer<typeof tableEntry>;

/** A view, routine, trigger or event. `definition` is the SHA-256 of its canonical text with definer and sql_mode. */
export const objectEntry = z.object({
  name: z.string(),
  definition: sha256Hex,
  /** Triggers: the table it belongs to. */
  table: z.string().optional(),
  /** Views: why the source itself could not read it. Its absence after a restore is no difference. */
  broken: z.string().optional(),
  /** Views that can be defined again but were not readable on the source (their definer is gone): the server's complaint. */
  unreadable: z.string().optional(),
  /** Events: last instant (`YYYY-MM-DD hh:mm:ss`, in the event's own zone) after which a server drops or disables it when it is loaded. */
  expires: z.string().optional(),
});
export type ObjectEntry = z.infer<typeof objectEntry>;

export const schemaEntry = z.object({
  name: z.string(),
  characterSet: z.string(),
  collation: z.string(),
  tables: z.array(tableEntry),
  views: z.array(objectEntry),
  procedures: z.array(objectEntry),
  functions: z.array(objectEntry),
  triggers: z.array(objectEntry),
  events: z.array(objectEntry),
  /** MariaDB only. */
  sequences: z.array(objectEntry).default([]),
});
export type SchemaEntry = z.infer<typeof schemaEntry>;

export const inventory = z.object({
  schemas: z.array(schemaEntry),
  /** `user@host` or role; definition = SHA-256 of CREATE USER and grants. */
  accounts: z.array(objectEntry),
});
export type Inventory = z.infer<typeof inventory>;

export const artifactRole = z.enum(["accounts", "schema", "data", "routines", "views", "triggers", "events", "files"]);
export type ArtifactRole = z.infer<typeof artifactRole>;

export const artifact = z.object({
  /** File name in the set's folder; sorts into loading order. */
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$/),
  role: artifactRole,
  /** Schema whose objects it holds; absent for accounts. */
  schema: z.string().optional(),
  /** Data artifacts: the tables in it, in order. */
  tables: z.array(z.string()).optional(),
  /** Data artifacts that hold a range of the rows of their one table. */
  range: keyRange.extend({ column: z.string() }).optional(),
  /** Archives of data files: how many files are in it. */
  files: z.number().int().optional(),
  /** What it is compressed at, where the policy leaves that to each file (`compression.level: auto`). */
  level: z.number().int().optional(),
  /** Digest of the SQL; null for data artifacts, whose tables have digests of their rows, and for archives of files (the compressed frame carries a checksum as well). */
  plain: z.object({ bytes: z.number().int(), sha256: sha256Hex.nullable() }),
  sealed: z.object({ bytes: z.number().int(), sha256: sha256Hex, md5: md5Hex }),
});
export type Artifact = z.infer<typeof artifact>;

/** Log sequence number of InnoDB: decimal text, may pass 2^53. */
const logSequence = z.string().regex(/^\d{1,20}$/);

/** Where copied files stand in InnoDB's redo log, as `mariadb-backup` noted it. */
export const logPositions = z.object({
  /** A differential holds the pages that changed after this: its full's `to`. 0: all pages. */
  from: logSequence,
  /** The checkpoint that the copy reaches; what changed after it is in the next differential. */
  to: logSequence,
  /** The copy was followed up to here, and stands here once it is prepared. */
  last: logSequence,
});
export type LogPositions = z.infer<typeof logPositions>;

/** Sets of data files (all methods but dump): the data directory that the artifacts of role `files` make together, and what a server must be told to start on it. */
export const physicalFiles = z.object({
  files: z.number().int(),
  /** Bytes of the files when unpacked. Of a differential: those of its full, and its own. */
  bytes: z.number().int(),
  /** `innodb_page_size`, bytes. */
  pageSize: z.number().int(),
  /** `innodb_data_file_path`. */
  dataFilePath: z.string(),
  /** `innodb_undo_tablespaces` (MariaDB): a server told another number would rebuild them. */
  undoTablespaces: z.number().int().optional(),
  /** MariaDB: files that no server was started on before they were packed, so that a differential can be applied to them; absent in older sets. */
  lsn: logPositions.optional(),
  /** MariaDB: tells the source's own files from any copy of them that a server went on with: the first system tablespace's inode and birth. */
  origin: z.string().optional(),
  /** Differential: what its own archives unpack to. */
  increment: z.object({ files: z.number().int(), bytes: z.number().int() }).optional(),
});
export type PhysicalFiles = z.infer<typeof physicalFiles>;

/** Rows of some tables of a full, or all of its data files. */
const borrowed = artifact.refine(({ role, schema, tables = [] }) => role === "files" || (schema !== undefined && tables.length > 0), "names the tables that belong to the differential");

/** What a differential builds on: exactly one full, and what of its files belongs to the differential. */
export const parentSet = z.object({
  setId: runId,
  /** SHA-256 of the full's manifest. */
  manifestSha256: sha256Hex,
  /** How the full's files are compressed, and which keys open them: its own manifest is not needed for a restore. */
  compression,
  recipients: z.array(fingerprint),
  /**
   * Data artifacts of the full with rows that are the same now; of each, the rows of `tables` only. Their digests stand in `inventory`. Of data files: all archives of the full.
   */
  artifacts: z.array(borrowed),
  /** Of data files: what the full's archives unpack to. */
  physical: physicalFiles.optional(),
  /** Tables that the full holds and that were no longer there. */
  dropped: z.array(z.object({ schema: z.string(), table: z.string() })),
});
export type ParentSet = z.infer<typeof parentSet>;

export const sourceServer = z.object({
  name: slug,
  flavor,
  version: z.string(),
  uuid: z.string(),
  serverId: z.number().int(),
  hostname: z.string(),
  lowerCaseTableNames: z.number().int(),
  sqlMode: z.string(),
  timeZone: z.string(),
  characterSet: z.string(),
  collation: z.string(),
  gtidMode: z.string(),
});
export type SourceServer = z.infer<typeof sourceServer>;

const manifestFields = z.object({
  format: z.literal(FORMAT),
  kind: z.enum(["full", "differential"]),
  method: z.enum(BACKUP_METHODS),
  id: runId,
  runId,
  host: slug,
  server: sourceServer,
  policy: slug,
  /** Differential only. */
  parent: parentSet.nullable(),
  startedAt: instant,
  /** When the snapshot was taken: the state that a restore gives back. */
  snapshotAt: instant,
  finishedAt: instant,
  coordinate: coordinate.nullable(),
  /** How long writers were held by the global read lock, milliseconds. Method clone: only those of tables that are not InnoDB. */
  lockHeldMs: z.number(),
  compression,
  /** Dump: children at once. Data files: archive parts. */
  streams: z.number().int(),
  /** Sets of data files only. */
  physical: physicalFiles.optional(),
  /** The other of two sets of one instant, one of data files and one of SQL, taken by one run. */
  twin: runId.optional(),
  /** Absent schemas list = whole server. */
  schemas: z.array(z.string()).nullable(),
  recipients: z.array(fingerprint),
  tools: z.array(z.object({ name: z.string(), version: z.string() })),
  artifacts: z.array(artifact),
  inventory,
  findings: z.array(faultRecord),
});

/** manifest.json: written last, its presence means the set is complete. Nothing in it is needed to decrypt. */
export const manifest = manifestFields
  .refine(({ kind, parent }) => (kind === "differential") === (parent !== null), "a differential names the full that it builds on, and nothing else does")
  .refine(({ parent, physical }) => !parent || !physical || (physical.increment !== undefined && parent.physical?.lsn !== undefined && physical.lsn?.from === parent.physical.lsn.to), "changed pages follow on those of the full");
export type Manifest = z.infer<typeof manifest>;

/** Ed25519 over the canonical JSON of the document; `key` is the raw public key, base64. */
export const signature = z.object({ algorithm: z.literal("ed25519"), key: z.string(), value: z.string() });

export const signedManifest = z.object({ manifest, signature });
export type SignedManifest = z.infer<typeof signedManifest>;
