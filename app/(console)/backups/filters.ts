import { slug } from "#lib/contract/names.ts";
import { SET_LEVELS, type SetLevel } from "#lib/contract/views/backup.ts";

/** Filters of the backups list as they stand in the address. */
export interface BackupFilters {
  readonly server?: string;
  readonly level?: SetLevel;
}

/** Reads an address; what is not valid counts as absent. */
export function readFilters(address: Record<string, string | string[] | undefined>): { filters: BackupFilters; page: number } {
  const one = (name: string) => (Array.isArray(address[name]) ? address[name][0] : address[name])?.trim() ?? "";
  const level = SET_LEVELS.find((entry) => entry === one("level"));
  const page = /^[1-9]\d{0,5}$/.test(one("page")) ? Number(one("page")) : 1;
  return { filters: { ...(slug.safeParse(one("server")).success ? { server: one("server") } : {}), ...(level ? { level } : {}) }, page };
}

/** Address of the list with these filters; page 1 is left out. */
export function filterAddress(filters: BackupFilters, page = 1): string {
  const query = new URLSearchParams({ ...filters });
  if (page > 1) query.set("page", String(page));
  return query.size > 0 ? `/backups?${query}` : "/backups";
}
