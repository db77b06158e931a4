/**
 * Names of a logical set's artifacts. They sort into loading order and never hold a name from the database:
 * accounts, tables of each schema, data, routines, view stand-ins, grants (they name tables, routines and views, and a view over another
 * is made with the rights of its definer), views, check options of views (refused while another view is a stand-in), triggers, events (last, so that none fires during a load).
 * View stand-ins of all schemas come before the views of any, because views may name each other across schemas.
 */
const LEADS = { accounts: "000", tables: "100", data: "200", routines: "300", viewstubs: "400", grants: "405", views: "410", viewchecks: "420", triggers: "500", events: "600" } as const;

export type ArtifactPart = keyof typeof LEADS;

/** `200-data-0003-0012.sql.zst.gpg`: part, schema number, segment; numbers from 1. */
export function artifactName(part: ArtifactPart, codec: "zstd" | "gzip", schemaNumber?: number, segment?: number): string {
  const numbers = [schemaNumber, segment].filter((n) => n !== undefined).map((n) => `-${String(n).padStart(5, "0")}`);
  return `${LEADS[part]}-${part}${numbers.join("")}.sql.${codec === "zstd" ? "zst" : "gz"}.gpg`;
}

/** Archives of data files: a server's data directory, or what changed in it since a full. */
export type ArchiveContent = "files" | "changes";

const ARCHIVES: Readonly<Record<ArchiveContent, string>> = { files: "700-files", changes: "710-changes" };

/** `700-files-00002.tar.zst.gpg`: one archive of a physical set's data files; each part holds other files. Part numbers from 1. */
export function archiveName(codec: "zstd" | "gzip", part: number, content: ArchiveContent = "files"): string {
  return `${ARCHIVES[content]}-${String(part).padStart(5, "0")}.tar.${codec === "zstd" ? "zst" : "gz"}.gpg`;
}

/** Which part an artifact is, from its name; null for other files. */
export function artifactPart(name: string): ArtifactPart | null {
  const match = /^\d{3}-([a-z]+)[-.]/.exec(name);
  return match?.[1] && Object.hasOwn(LEADS, match[1]) ? (match[1] as ArtifactPart) : null;
}

/** Segment number of a data artifact, from its name; null for other files. */
export function dataSegment(name: string): number | null {
  const match = /^200-data-\d+-(\d+)\./.exec(name);
  return match?.[1] ? Number(match[1]) : null;
}

/**
 * Line that ends the lead written by us (`CREATE DATABASE`, `USE`). What follows came from the dump program and never names
 * the schema it belongs to, so a restore under another name replaces the lead and nothing else.
 */
export const BODY_MARK = "-- salvagente: body\n";
