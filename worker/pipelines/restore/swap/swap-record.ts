import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { runId as runIdShape } from "#lib/contract/names.ts";
import { type SwapRecord, swapRecord } from "#lib/contract/recovery/swap.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { HostFolders } from "#worker/host/runtime.ts";

/** Writes it whole or not at all, flushed: what stands in it is there before the server hears of it. */
export function writeRecord(folders: HostFolders, record: SwapRecord): void {
  const folder = swapFolder(folders);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = recordPath(folders, record.runId);
  const draft = `${path}.partial`;
  const file = openSync(draft, "w", 0o600);
  try {
    const bytes = Buffer.from(JSON.stringify(record));
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  const directory = openSync(folder, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** Fault NOT_FOUND when no swap of this host has this id. */
export function readRecord(folders: HostFolders, runId: string): SwapRecord {
  const path = recordPath(folders, runIdShape.safeParse(runId).success ? runId : "-");
  if (!existsSync(path)) throw new Fault("NOT_FOUND", { params: { kind: "swap", id: runId } });
  return swapRecord.parse(JSON.parse(readFileSync(path, "utf8")));
}

/** All swaps of this host, newest first. */
export function listRecords(folders: HostFolders): SwapRecord[] {
  const folder = swapFolder(folders);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  // Ids of one second stand in no order.
  return names.map((name) => readRecord(folders, name.slice(0, -".json".length))).sort((a, b) => (a.at < b.at ? 1 : -1));
}

/** Fault SWAP_UNFINISHED while a swap of this server was left half-way: nothing else may move its tables. */
export function requireFinished(folders: HostFolders, server: string): void {
  const open = listRecords(folders).find(({ state, request }) => state === "began" && request.server === server);
  if (open) throw new Fault("SWAP_UNFINISHED", { params: { run: open.runId, server } });
}

/** What a swap holds while it changes anything, the same as a restore into that server. */
export function swapSubject(server: string): string {
  return `restore-${server}`;
}

function swapFolder({ state }: HostFolders): string {
  return join(state, "swaps");
}

function recordPath(folders: HostFolders, runId: string): string {
  return join(swapFolder(folders), `${runId}.json`);
}
