import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { binlogPlace } from "#lib/contract/archive/status.ts";
import { instant, runId, slug } from "#lib/contract/names.ts";
import type { RestoreRequest } from "#lib/contract/recovery/restore.ts";
import type { HostFolders } from "#worker/host/runtime.ts";
import type { StoredSet } from "#worker/pipelines/catalog/read-set.ts";

/** What a schema restored beside is a copy of, and up to which place in the server's binary logs: what was written behind it is not in the copy. */
const copyOrigin = z.object({ v: z.literal(1), server: slug, schema: z.string(), of: z.string(), setId: runId, place: binlogPlace, restoredAt: instant });
export type CopyOrigin = z.infer<typeof copyOrigin>;

/** Notes what a restore beside has made, on the server that it came from; of a set without a place in the binary logs there is nothing to note. */
export function noteOrigins(folders: HostFolders, request: RestoreRequest, { signed: { manifest } }: StoredSet, now: number): void {
  const { target, boundary } = request;
  if (target.kind !== "beside" || target.server !== request.server) return;
  const last = boundary?.segments.at(-1);
  const place = boundary && last ? { file: last.file, position: Number(boundary.stop.position) } : manifest.coordinate ? { file: manifest.coordinate.file, position: Number(manifest.coordinate.position) } : null;
  if (place === null) return;
  mkdirSync(folderOf(folders), { recursive: true, mode: 0o700 });
  for (const [of, schema] of Object.entries(target.names)) {
    const origin: CopyOrigin = { v: 1, server: target.server, schema, of, setId: manifest.id, place, restoredAt: new Date(now).toISOString() };
    const path = pathOf(folders, target.server, schema);
    writeFileSync(`${path}.partial`, JSON.stringify(origin), { mode: 0o600 });
    renameSync(`${path}.partial`, path);
  }
}

/** Null where no restore beside of this host has made it. */
export function readOrigin(folders: HostFolders, server: string, schema: string): CopyOrigin | null {
  const path = pathOf(folders, server, schema);
  if (!existsSync(path)) return null;
  return copyOrigin.safeParse(JSON.parse(readFileSync(path, "utf8"))).data ?? null;
}

function folderOf({ state }: HostFolders): string {
  return join(state, "copies");
}

/** Names of schemas may hold what a file's may not. */
function pathOf(folders: HostFolders, server: string, schema: string): string {
  return join(folderOf(folders), `${server}-${createHash("sha256").update(schema).digest("hex").slice(0, 32)}.json`);
}
