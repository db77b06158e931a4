import type { Flavor } from "#lib/contract/names.ts";
import { OPTION_FILE_ARGUMENT } from "#worker/exec/mysql-option-file.ts";

export interface StreamTarget {
  /** Existing, empty folder; ends up with the server's files under their own names. */
  readonly folder: string;
  /** The server's name of the file to start with, from its first byte. */
  readonly firstFile: string;
  /** Number by which the server tells its readers apart. Two readers with one number: the server ends the older one. */
  readonly readerId: number;
}

/**
 * Arguments for an endless copy of a server's binary logs. Through the server, never from its folder: encrypted logs come decrypted, no file rights are
 * needed, and PURGE passes over what is being read.
 */
export function streamArgs(flavor: Flavor, { folder, firstFile, readerId }: StreamTarget): string[] {
  const reader = flavor === "mysql" ? "--connection-server-id" : "--stop-never-slave-server-id";
  return [OPTION_FILE_ARGUMENT, "--read-from-remote-server", "--raw", "--stop-never", "--verify-binlog-checksum", `${reader}=${readerId}`, `--result-file=${folder}/`, "--", firstFile];
}
