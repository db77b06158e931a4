import type { Connection } from "mysql2/promise";
import type { Coordinate, SourceServer } from "#lib/contract/manifest/manifest.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { textRows } from "#worker/engines/inventory/information-schema.ts";

/**
 * The place in the source's binary log that the copied files stand at, as the server started on them tells it; null where the source writes none.
 * Fault CLONE_INCONSISTENT when the copy was not brought to one point, or the files and the clone's record disagree.
 */
export async function cloneCoordinate(connection: Connection, source: Pick<SourceServer, "gtidMode">): Promise<Coordinate | null> {
  const bad = (message: string): Fault => new Fault("CLONE_INCONSISTENT", { params: { message } });
  const [row] = await textRows(connection, "SELECT STATE, ERROR_NO, ERROR_MESSAGE, BINLOG_FILE, BINLOG_POSITION, GTID_EXECUTED FROM performance_schema.clone_status");
  if (!row) throw bad("no record of the clone");
  const [state, errorNumber, message, file, position, recorded] = row;
  if (state !== "Completed" || Number(errorNumber) !== 0) throw bad(`${state} ${errorNumber} ${message ?? ""}`.trim());
  const [executed] = await textRows(connection, "SELECT @@GLOBAL.gtid_executed");
  const [inRecord, inFiles] = [recorded, executed?.[0]].map((text) => (text ?? "").replace(/\s+/g, ""));
  if (source.gtidMode.startsWith("ON") && inRecord !== inFiles) throw bad(`GTID set ${inFiles} in the files, ${inRecord} in the record`);
  if (!file) return null;
  return { file, position: String(position), gtidSet: inFiles || null };
}
