/** Data directories of an exchange by their inode numbers; null: the name is free. */
export interface FoldersNow {
  /** What bears the name that the server uses. */
  readonly folder: string | null;
  /** Where the one that gives way is kept. */
  readonly kept: string | null;
  /** Where the one that comes waits. */
  readonly incoming: string | null;
}

/**
 * How far an exchange of two data directories got: by two renames, `was` goes from `folder` to `kept` and `comes` from `incoming` to `folder`. `before`: nothing has moved. `between`: the
 * name is free. `after`: done. `unclear`: something else bears one of the names, and only a person may say what.
 */
export function folderStanding({ was, comes }: { readonly was: string; readonly comes: string }, now: FoldersNow): "before" | "between" | "after" | "unclear" {
  if (now.folder === was) return now.kept === null ? "before" : "unclear";
  if (now.kept !== was) return "unclear";
  if (now.folder === null) return now.incoming === comes ? "between" : "unclear";
  return now.folder === comes && now.incoming === null ? "after" : "unclear";
}
