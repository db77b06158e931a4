import type { SourceServer } from "#lib/contract/manifest/manifest.ts";
import type { RunAs } from "./run-as.ts";

/** A data directory that already holds a server's data: a copy of its files, or unpacked from a physical set. */
export interface FilledData {
  /** Where it shall lie when it is to outlive the sandbox; absent before. Default: inside the sandbox's own folder, wiped with it. */
  readonly folder?: string | undefined;
  /** Who owns the files and runs the server. Default: as for every sandbox. */
  readonly account?: RunAs | undefined;
  /** `innodb_page_size`, bytes. */
  readonly pageSize: number;
  /** `innodb_data_file_path`. */
  readonly dataFilePath: string;
  /** `innodb_undo_tablespaces` (MariaDB). */
  readonly undoTablespaces?: number | undefined;
  /** Bytes of redo log; 8 MiB keep an archive of the files small. Default: by the size of the data. */
  readonly redoCapacity?: number | undefined;
  /** Bytes of memory for pages. Default: by the size of the data. */
  readonly bufferPool?: number | undefined;
  /** Brings the files, owned by the account; `data` does not exist yet, its parent does and belongs to the account. */
  fill(data: string, account: RunAs): Promise<void>;
}

/** argv on top of the sandbox's own, to follow them: the last one wins. The data are neither converted to another version nor given keys of this host. */
export function filledArguments(source: Pick<SourceServer, "flavor" | "gtidMode">, filled: FilledData): string[] {
  const memory = filled.bufferPool === undefined ? [] : [`--innodb-buffer-pool-size=${filled.bufferPool}`];
  if (source.flavor === "mariadb") {
    return [
      ...memory,
      // Otherwise it does not know accounts of a host that is told by its name. Nobody comes by network whose name could be asked for.
      "--skip-name-resolve=OFF",
      `--innodb-page-size=${filled.pageSize}`,
      `--innodb-data-file-path=${filled.dataFilePath}`,
      ...(filled.undoTablespaces === undefined ? [] : [`--innodb-undo-tablespaces=${filled.undoTablespaces}`]),
      ...(filled.redoCapacity === undefined ? [] : [`--innodb-log-file-size=${filled.redoCapacity}`]),
    ];
  }
  return [
    ...memory,
    "--upgrade=NONE",
    `--innodb-page-size=${filled.pageSize}`,
    `--innodb-data-file-path=${filled.dataFilePath}`,
    ...(filled.redoCapacity === undefined ? [] : [`--innodb-redo-log-capacity=${filled.redoCapacity}`]),
    "--auto-generate-certs=OFF",
    // Where the clone stands is told by a table of the plugin.
    "--performance-schema=ON",
    "--plugin-load-add=mysql_clone.so",
    "--loose-group-replication-start-on-boot=OFF",
    ...(source.gtidMode.startsWith("ON") ? ["--gtid-mode=ON", "--enforce-gtid-consistency=ON"] : [`--gtid-mode=${source.gtidMode || "OFF"}`]),
  ];
}
