/** Types of binary log events that are looked at; numbers from MySQL's binlog_event.h and MariaDB's log_event.h. */
export const EVENT = {
  query: 2,
  stop: 3,
  rotate: 4,
  formatDescription: 15,
  xid: 16,
  executeLoadQuery: 18,
  tableMap: 19,
  writeRowsV1: 23,
  updateRowsV1: 24,
  deleteRowsV1: 25,
  incident: 26,
  writeRows: 30,
  updateRows: 31,
  deleteRows: 32,
  gtid: 33,
  anonymousGtid: 34,
  previousGtids: 35,
  xaPrepare: 38,
  partialUpdateRows: 39,
  transactionPayload: 40,
  taggedGtid: 42,
  mariadbGtid: 162,
  mariadbGtidList: 163,
  mariadbStartEncryption: 164,
  mariadbQueryCompressed: 165,
  mariadbWriteRowsCompressedV1: 166,
  mariadbUpdateRowsCompressedV1: 167,
  mariadbDeleteRowsCompressedV1: 168,
  mariadbWriteRowsCompressed: 169,
  mariadbUpdateRowsCompressed: 170,
  mariadbDeleteRowsCompressed: 171,
} as const;

export type RowChange = "insert" | "update" | "delete";

export interface RowEventKind {
  readonly change: RowChange;
  /** Version 2 carries an extra header of variable length. */
  readonly extraHeader: boolean;
  /** MariaDB log_bin_compress: the rows stand deflated behind the column bitmaps. */
  readonly compressed: boolean;
  /** MySQL PARTIAL_JSON: the image after says which documents are given as differences. */
  readonly partial: boolean;
}

const kind = (change: RowChange, options: Partial<RowEventKind> = {}): RowEventKind => ({ change, extraHeader: false, compressed: false, partial: false, ...options });

/** What kind of row event a type is; undefined for every other event. */
export const ROW_EVENTS: ReadonlyMap<number, RowEventKind> = new Map([
  [EVENT.writeRowsV1, kind("insert")],
  [EVENT.updateRowsV1, kind("update")],
  [EVENT.deleteRowsV1, kind("delete")],
  [EVENT.writeRows, kind("insert", { extraHeader: true })],
  [EVENT.updateRows, kind("update", { extraHeader: true })],
  [EVENT.deleteRows, kind("delete", { extraHeader: true })],
  [EVENT.partialUpdateRows, kind("update", { extraHeader: true, partial: true })],
  [EVENT.mariadbWriteRowsCompressedV1, kind("insert", { compressed: true })],
  [EVENT.mariadbUpdateRowsCompressedV1, kind("update", { compressed: true })],
  [EVENT.mariadbDeleteRowsCompressedV1, kind("delete", { compressed: true })],
  [EVENT.mariadbWriteRowsCompressed, kind("insert", { compressed: true, extraHeader: true })],
  [EVENT.mariadbUpdateRowsCompressed, kind("update", { compressed: true, extraHeader: true })],
  [EVENT.mariadbDeleteRowsCompressed, kind("delete", { compressed: true, extraHeader: true })],
]);
