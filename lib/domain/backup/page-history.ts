/** What of a server's data files was recorded with a full, or is so now. */
export interface FilesState {
  /** `10.11`: programs of another series write other pages. */
  readonly series: string;
  /** Which files they are: see `physical.origin` of the manifest. */
  readonly origin: string | undefined;
  readonly pageSize: number;
  readonly dataFilePath: string;
  readonly undoTablespaces: number | undefined;
}

/** A full of data files, as base of changed pages. */
export interface RecordedFiles extends FilesState {
  /** `to` of its log positions. */
  readonly lsn: string;
  /** GTIDs at its place in the binary log; null where there is none. */
  readonly gtids: string | null;
}

/** The server that pages are to be copied from. */
export interface FilesNow extends FilesState {
  /** Where its redo log is written now. */
  readonly lsn: string;
  /** What its binary log says of the full's place; undefined where it does not reach back so far. */
  readonly gtidsThen: string | null | undefined;
}

/**
 * Why pages that changed since a full would not make it whole again; null where they do. Pages tell only by their number in the redo log that they changed: files that were
 * put back from a backup or a snapshot since, or copied from elsewhere, have numbers of another history, and what is missing would be missed by nobody.
 */
export function brokenHistory(full: RecordedFiles, now: FilesNow): string | null {
  if (full.series !== now.series) return `the full is of series ${full.series}, the server is ${now.series}`;
  const settings = (["pageSize", "dataFilePath", "undoTablespaces"] as const).filter((name) => full[name] !== now[name]);
  if (settings.length > 0) return `the server was set up differently: ${settings.map((name) => `${name} ${full[name] ?? "—"}, now ${now[name] ?? "—"}`).join("; ")}`;
  if (full.origin === undefined || full.origin !== now.origin) return "the server works on other files than then: they were restored or copied since";
  if (BigInt(now.lsn) < BigInt(full.lsn)) return `its redo log has come to ${now.lsn}, the full stands at ${full.lsn}: the files were put back to an earlier state`;
  if (full.gtids !== null && now.gtidsThen !== undefined && now.gtidsThen !== full.gtids) return `its binary log holds ${now.gtidsThen ?? "nothing"} where the full noted ${full.gtids}: the files were put back to an earlier state`;
  return null;
}
