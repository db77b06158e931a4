/**
 * How a full is taken. `dump`: SQL text, for any newer server. `clone`: the data files, copied by the server itself (MySQL). `mariadb-backup`: the data files, copied by the
 * program of that name (MariaDB).
 */
export const BACKUP_METHODS = ["dump", "clone", "mariadb-backup"] as const;
export type BackupMethod = (typeof BACKUP_METHODS)[number];

/** The family whose files a method copies; null for a dump, which is for both. */
export function familyOf(method: BackupMethod): "mysql" | "mariadb" | null {
  return method === "dump" ? null : method === "clone" ? "mysql" : "mariadb";
}

/** Does a set of this method hold data files, on which a server is started, instead of SQL that is loaded? */
export function isPhysical({ method }: { readonly method: string }): boolean {
  return method !== "dump";
}
