import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runId as runIdShape } from "#lib/contract/names.ts";
import { type ReplacementRecord, replacementRecord } from "#lib/contract/recovery/replacement.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { replaceFile } from "#worker/host/replace-file.ts";
import type { HostFolders } from "#worker/host/runtime.ts";

/** Whole or not at all, flushed: what stands in it is there before anything is renamed. */
export function writeReplacement(folders: HostFolders, record: ReplacementRecord): void {
  mkdirSync(folderOf(folders), { recursive: true, mode: 0o700 });
  replaceFile(pathOf(folders, record.runId), JSON.stringify(record));
}

/** Fault NOT_FOUND when no replacement of this host has this id. */
export function readReplacement(folders: HostFolders, runId: string): ReplacementRecord {
  const path = pathOf(folders, runIdShape.safeParse(runId).success ? runId : "-");
  if (!existsSync(path)) throw new Fault("NOT_FOUND", { params: { kind: "run", id: runId } });
  return replacementRecord.parse(JSON.parse(readFileSync(path, "utf8")));
}

/** All replacements of this host, newest first. */
export function listReplacements(folders: HostFolders): ReplacementRecord[] {
  if (!existsSync(folderOf(folders))) return [];
  const names = readdirSync(folderOf(folders)).filter((name) => name.endsWith(".json"));
  // Ids of one second stand in no order.
  return names.map((name) => readReplacement(folders, name.slice(0, -".json".length))).sort((a, b) => (a.at < b.at ? 1 : -1));
}

/** Fault REPLACEMENT_UNFINISHED while an exchange of this server's data directory was left half-way. */
export function requireNoneBegun(folders: HostFolders, server: string): void {
  const open = listReplacements(folders).find((record) => record.state === "began" && record.server === server);
  if (open) throw new Fault("REPLACEMENT_UNFINISHED", { params: { run: open.runId, server } });
}

/** What an exchange holds while it changes anything, the same as a restore into that server. */
export function replacementSubject(server: string): string {
  return `restore-${server}`;
}

function folderOf({ state }: HostFolders): string {
  return join(state, "replacements");
}

function pathOf(folders: HostFolders, runId: string): string {
  return join(folderOf(folders), `${runId}.json`);
}
