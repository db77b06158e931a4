import type { Connection } from "mysql2/promise";
import type { Coordinate } from "#lib/contract/manifest/manifest.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { textRows } from "#worker/engines/inventory/information-schema.ts";

/**
 * The place in the source's binary log that copied files stand at, with its GTIDs; null where the source writes none. They are asked of the source for exactly that place:
 * the program notes `gtid_current_pos`, which on a replica may hold transactions that are not in this log.
 * Fault CLONE_INCONSISTENT when the source writes a log and the copy tells no place in it.
 */
export async function copyCoordinate(source: Connection, place: { readonly file: string; readonly position: string } | null): Promise<Coordinate | null> {
  if (place) {
    const [rows] = await source.query({ sql: "SELECT BINLOG_GTID_POS(?, ?)", rowsAsArray: true }, [place.file, Number(place.position)]);
    return { ...place, gtidSet: String((rows as unknown[][])[0]?.[0] ?? "") || null };
  }
  const [logging] = await textRows(source, "SELECT @@GLOBAL.log_bin");
  if (logging?.[0] === "0") return null;
  throw new Fault("CLONE_INCONSISTENT", { params: { message: "mariadb-backup noted no place in the binary log" } });
}
