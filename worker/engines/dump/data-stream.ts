import { createHash, type Hash } from "node:crypto";
import type { DataStream } from "#lib/contract/manifest/manifest.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { quoteName } from "#lib/domain/backup/sql-name.ts";
import { NamedLine } from "./named-line.ts";
import { SectionScanner } from "./section-scanner.ts";

const TABLE_LINE = /^-- Dumping data for table /;
const USE_LINE = /^USE /;
const COORDINATE_LINE = /^-- CHANGE (?:REPLICATION SOURCE|MASTER) TO (?:SOURCE|MASTER)_LOG_FILE='([^']+)', (?:SOURCE|MASTER)_LOG_POS=(\d+);/;
/** Session settings saved at the start and put back at the end by the dump program. */
const SESSION_LINE = /^(?:\/\*[!M]|SET @)/;
const COMPLETED = /^-- Dump completed/;

/** Receives a data child's rows, table by table. */
export interface TableReceiver {
  /** A table begins; the statements that set up the session stand in `header`. */
  begin(schema: string, table: string, header: Buffer): Promise<void> | void;
  /** INSERT statements of the table, in pieces. Returns a promise to slow the child down. */
  rows(piece: Buffer): Promise<void> | undefined;
  end(schema: string, table: string, stream: DataStream): Promise<void> | void;
}

export interface DataStreamEnd {
  /** The child's own coordinate, where it wrote one. */
  readonly coordinate: { readonly file: string; readonly position: string } | null;
}

type Step = { readonly begin: string } | { readonly use: string } | { readonly piece: Buffer };

/**
 * Reads a data child's output to its end: finds the tables, digests each one's INSERT lines, hands rows on.
 * The digest covers nothing but those lines, so that it depends on the rows alone, not on date, host, version or neighbours.
 * Fault DUMP_TRUNCATED when the closing line is missing.
 */
export async function readDataStream(output: AsyncIterable<Buffer>, schema: string | null, receiver: TableReceiver): Promise<DataStreamEnd> {
  let current: { schema: string; table: string; hash: Hash; bytes: number } | undefined;
  let schemaNow = schema;
  let completed = false;
  let inTables = false;
  let coordinate: DataStreamEnd["coordinate"] = null;
  const header: Buffer[] = [];
  let steps: Step[] = [];
  const tableName = new NamedLine(TABLE_LINE);
  const useName = new NamedLine(USE_LINE);
  /** Lines that a table's name adds to each of its INSERT statements, and how many of them are still to come. */
  let nameLines = 0;
  let continued = 0;
  const scanner = new SectionScanner({
    line(head) {
      if (continued > 0) {
        continued--;
        return true;
      }
      if (head[0] === 73 && !tableName.isOpen && !useName.isOpen) {
        continued = nameLines;
        return true; // INSERT
      }
      if (head.length === 0 && !tableName.isOpen && !useName.isOpen) return false;
      const text = head.toString("utf8");
      const table = useName.isOpen ? null : tableName.feed(text);
      if (table !== null) {
        inTables = true;
        nameLines = table.split("\n").length - 1;
        steps.push({ begin: table });
      }
      if (table !== null || tableName.isOpen) return false;
      const use = useName.feed(text);
      if (use !== null) steps.push({ use });
      if (use !== null || useName.isOpen) return false;
      if (COMPLETED.test(text)) completed = true;
      const place = COORDINATE_LINE.exec(text);
      if (place) coordinate = { file: place[1] as string, position: place[2] as string };
      if (text.startsWith("--")) return false;
      if (SESSION_LINE.test(text)) {
        if (!inTables) header.push(Buffer.from(`${sessionLine(text)}\n`));
        return false;
      }
      // A statement that is not known: part of the table's data as far as we can tell.
      return inTables;
    },
    bytes: (piece) => void steps.push({ piece }),
  });
  const finish = async (): Promise<void> => {
    if (!current) return;
    const { schema: owner, table, hash, bytes } = current;
    current = undefined;
    await receiver.end(owner, table, { bytes, sha256: hash.digest("hex") });
  };
  const drain = async (): Promise<void> => {
    const todo = steps;
    steps = [];
    for (const step of todo) {
      if ("piece" in step) {
        if (!current) continue;
        current.hash.update(step.piece);
        current.bytes += step.piece.length;
        const wait = receiver.rows(step.piece);
        if (wait) await wait;
      } else if ("use" in step) {
        await finish();
        schemaNow = step.use;
      } else {
        await finish();
        if (schemaNow === null) throw new Fault("DUMP_FAILED", { params: { tool: "mysqldump", message: `rows of ${step.begin} without a schema` } });
        current = { schema: schemaNow, table: step.begin, hash: createHash("sha256"), bytes: 0 };
        await receiver.begin(schemaNow, step.begin, Buffer.concat(header));
      }
    }
  };
  for await (const chunk of output) {
    scanner.write(chunk);
    if (steps.length > 0) await drain();
  }
  scanner.end();
  await drain();
  await finish();
  if (!completed) throw new Fault("DUMP_TRUNCATED");
  return { coordinate };
}

/**
 * A session line of the dump program as an artifact has it. It also lets dates pass which no calendar has: a table may hold them (ALLOW_INVALID_DATES), and a load without that
 * word turns them into zero dates without an error. And it names the character set that the rows are in, where the program was told another (see args.ts).
 */
export function sessionLine(line: string): string {
  return line.replace(/(\bSQL_MODE='NO_AUTO_VALUE_ON_ZERO)'/, "$1,ALLOW_INVALID_DATES'").replace(/(\bSET NAMES) binary\b/, "$1 utf8mb4");
}

/** Comment and blank line that mark a table's rows inside an artifact, as the dump program writes them: a newline in the name stays in the comment. */
export function tableMark(table: string): Buffer {
  return Buffer.from(`\n--\n-- Dumping data for table ${quoteName(table).replaceAll("\n", "\n-- ")}\n--\n\n`);
}
