import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Connection } from "mysql2/promise";
import type { Coordinate } from "#lib/contract/manifest/manifest.ts";
import { textRows } from "#worker/engines/inventory/information-schema.ts";

/**
 * Tells a server's own files from every copy of them: inode and birth (ns) of the first system tablespace, which lives as long as the data directory does. A copy that a
 * server goes on with, put back by whatever means, has others. `dataFilePath`: `innodb_data_file_path`.
 */
export async function originOf(dataFolder: string, dataFilePath: string): Promise<string> {
  const { ino, birthtimeNs } = await stat(join(dataFolder, dataFilePath.split(":")[0] ?? ""), { bigint: true });
  return `${ino}-${birthtimeNs}`;
}

/** Where the server's redo log is written now, and which GTIDs its binary log has at the place of an earlier copy; `gtidsThen` undefined where the log does not reach back to it. */
export async function logsNow(connection: Connection, then: Coordinate | null): Promise<{ readonly lsn: string; readonly gtidsThen: string | null | undefined }> {
  const [status] = await textRows(connection, "SHOW GLOBAL STATUS LIKE 'Innodb_lsn_current'");
  const lsn = status?.[1] ?? "0";
  const [logging] = await textRows(connection, "SELECT @@GLOBAL.log_bin");
  if (!then || logging?.[0] !== "1") return { lsn, gtidsThen: undefined };
  const files = await textRows(connection, "SHOW BINARY LOGS");
  const kept = files.find(([name]) => name === then.file);
  if (!kept) return { lsn, gtidsThen: undefined };
  // Nothing was written there yet: the file was begun anew.
  if (BigInt(kept[1] ?? "0") < BigInt(then.position)) return { lsn, gtidsThen: null };
  const [rows] = await connection.query({ sql: "SELECT BINLOG_GTID_POS(?, ?)", rowsAsArray: true }, [then.file, Number(then.position)]);
  return { lsn, gtidsThen: String((rows as unknown[][])[0]?.[0] ?? "") || null };
}
