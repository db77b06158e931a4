import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { runId as runIdShape } from "#lib/contract/names.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { replaceFile } from "#worker/host/replace-file.ts";
import type { HostFolders } from "#worker/host/runtime.ts";

/** What a run of this host put on record for whoever ends it or takes it back, one file each. */
export interface RunRecords<T> {
  /** Whole or not at all, flushed: it is there before anything that it tells of is done. */
  write(folders: HostFolders, record: T): void;
  /** Fault NOT_FOUND when there is none of this id. */
  read(folders: HostFolders, runId: string): T;
  /** Newest first. */
  list(folders: HostFolders): T[];
}

/** Records in this folder of the host's state. `kind`: what they are called when one is not found. */
export function runRecords<T extends { readonly runId: string; readonly at: string }>({ folder, kind, shape }: { readonly folder: string; readonly kind: "swap" | "run"; readonly shape: z.ZodType<T> }): RunRecords<T> {
  const folderOf = ({ state }: HostFolders): string => join(state, folder);
  const pathOf = (folders: HostFolders, runId: string): string => join(folderOf(folders), `${runId}.json`);
  const read = (folders: HostFolders, runId: string): T => {
    const path = pathOf(folders, runIdShape.safeParse(runId).success ? runId : "-");
    if (!existsSync(path)) throw new Fault("NOT_FOUND", { params: { kind, id: runId } });
    return shape.parse(JSON.parse(readFileSync(path, "utf8")));
  };
  return {
    write(folders, record) {
      mkdirSync(folderOf(folders), { recursive: true, mode: 0o700 });
      replaceFile(pathOf(folders, record.runId), JSON.stringify(record));
    },
    read,
    list(folders) {
      if (!existsSync(folderOf(folders))) return [];
      const names = readdirSync(folderOf(folders)).filter((name) => name.endsWith(".json"));
      // Ids of one second stand in no order.
      return names.map((name) => read(folders, name.slice(0, -".json".length))).sort((a, b) => (a.at < b.at ? 1 : -1));
    },
  };
}

/** What every restore into a server, a swap on it and an exchange of its data directory holds while it changes anything. */
export function restoreSubject(server: string): string {
  return `restore-${server}`;
}
