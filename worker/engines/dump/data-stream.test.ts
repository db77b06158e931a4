import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DataStream } from "#lib/contract/manifest/manifest.ts";
import { quoteName } from "#lib/domain/backup/sql-name.ts";
import { type DataStreamEnd, readDataStream, tableMark } from "./data-stream.ts";

interface Table {
  readonly name: string;
  readonly rows: readonly string[];
}

const HEADER = "-- MySQL dump 10.13  Distrib 9.7.0\n--\n-- Host: localhost    Database: s\n\n/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n/*!50503 SET NAMES utf8mb4 */;\n";
const PLACE = "\n--\n-- Position to start replication or point-in-time recovery from\n--\n\n-- CHANGE REPLICATION SOURCE TO SOURCE_LOG_FILE='binlog.000007', SOURCE_LOG_POS=4711;\n";
const TRAILER = "\n/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;\n-- Dump completed\n";
/** Session lines of the header: what each artifact must begin with. */
const SESSION = HEADER.split("\n").filter((line) => line.startsWith("/*!")).map((line) => `${line}\n`).join("");

function insert(table: string, rows: readonly string[]): string {
  return rows.map((row) => `INSERT INTO ${quoteName(table)} VALUES (${row});\n`).join("");
}

function section({ name, rows }: Table): string {
  return tableMark(name).toString() + insert(name, rows);
}

interface Read {
  readonly end: DataStreamEnd;
  readonly tables: { schema: string; table: string; text: string; stream: DataStream }[];
  readonly headers: string[];
}

async function read(pieces: readonly Buffer[], schema: string | null = "s"): Promise<Read> {
  const tables: Read["tables"] = [];
  const headers: string[] = [];
  let text: Buffer[] = [];
  const end = await readDataStream(Readable.from(pieces), schema, {
    begin(_schema, _table, header) {
      text = [];
      headers.push(header.toString());
    },
    // Sometimes slow, as a sealing is.
    rows: (piece) => {
      text.push(Buffer.from(piece));
      return text.length % 2 === 0 ? Promise.resolve() : undefined;
    },
    end: (owner, table, stream) => void tables.push({ schema: owner, table, text: Buffer.concat(text).toString("latin1"), stream }),
  });
  return { end, tables, headers };
}

function cut(input: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (input.length + 1)).sort((a, b) => a - b), input.length];
  return at.slice(1).map((end, index) => input.subarray(at[index], end));
}

const sha256 = (text: string): string => createHash("sha256").update(text, "latin1").digest("hex");

/** Rows as the program writes them: newlines, quotes and backslashes in values are escaped, everything else may stand there. */
const row = fc.oneof(
  fc.constantFrom("1,'-- Dumping data for table `x`'", "2,'USE `other`;'", "3,'-- Dump completed'", "4,'\\n-- Dump completed\\n'", "NULL", "5,'/*!40101 SET NAMES x */;'"),
  fc.integer({ min: 600, max: 700 }).map((length) => `6,'${"é".repeat(length)}'`),
);
const tables = fc.uniqueArray(fc.record({ name: fc.constantFrom("t", "T", "a`b", "-- Dump completed", "x y", "USE `z`;", "é€😀", "a".repeat(64), "`".repeat(64)), rows: fc.array(row, { maxLength: 4 }) }), { selector: (table) => table.name, maxLength: 6 });

describe("readDataStream", () => {
  it("finds the same tables, digests and bytes however the output is cut, with text in rows that looks like comments", async () => {
    await fc.assert(
      fc.asyncProperty(tables, fc.array(fc.nat(), { maxLength: 25 }), async (wanted, places) => {
        const input = Buffer.from(HEADER + PLACE + wanted.map(section).join("") + TRAILER);
        const { end, tables: found, headers } = await read(cut(input, places));
        expect(end.coordinate).toEqual({ file: "binlog.000007", position: "4711" });
        expect(found).toEqual(
          wanted.map(({ name, rows }) => {
            const text = Buffer.from(insert(name, rows)).toString("latin1");
            return { schema: "s", table: name, text, stream: { bytes: text.length, sha256: sha256(text) } };
          }),
        );
        for (const header of headers) expect(header).toBe(SESSION);
      }),
      { numRuns: 300 },
    );
  });

  it("follows USE through whole schemas", async () => {
    const input = `${HEADER}\n--\n-- Current Database: \`a\`\n--\n\nUSE \`a\`;\n${section({ name: "t", rows: ["1"] })}\n--\n-- Current Database: \`b\`\`c\`\n--\n\nUSE \`b\`\`c\`;\n${section({ name: "t", rows: [] })}${TRAILER}`;
    const { tables: found } = await read([Buffer.from(input)], null);
    expect(found.map(({ schema, table, text }) => [schema, table, text])).toEqual([["a", "t", "INSERT INTO `t` VALUES (1);\n"], ["b`c", "t", ""]]);
  });

  it("the digest depends on the rows alone, not on date, version or neighbours", async () => {
    const rows = ["1,'a'", "2,'b'"];
    const alone = await read([Buffer.from(HEADER + section({ name: "t", rows }) + TRAILER)]);
    const other = HEADER.replace("9.7.0", "8.4.3").replace("localhost", "db-1");
    const among = await read([Buffer.from(other + PLACE + section({ name: "first", rows: ["9"] }) + section({ name: "t", rows }) + section({ name: "z", rows: [] }) + TRAILER)]);
    expect(among.tables.find(({ table }) => table === "t")?.stream).toEqual(alone.tables[0]?.stream);
  });

  it("says DUMP_TRUNCATED for every beginning that lacks the closing line", async () => {
    const input = Buffer.from(HEADER + section({ name: "t", rows: ["1,'-- Dump completed'", "2"] }) + TRAILER);
    const complete = input.indexOf("\n-- Dump completed\n") + "\n-- Dump completed".length;
    for (let length = 0; length < complete; length += 7) await expect(read([input.subarray(0, length)]), `${length}`).rejects.toMatchObject({ code: "DUMP_TRUNCATED" });
    await expect(read([input.subarray(0, complete)])).resolves.toMatchObject({ tables: [{ table: "t" }] });
    await expect(read([])).rejects.toMatchObject({ code: "DUMP_TRUNCATED" });
  });

  it("refuses rows without a schema", async () => {
    await expect(read([Buffer.from(HEADER + section({ name: "t", rows: ["1"] }) + TRAILER)], null)).rejects.toMatchObject({ code: "DUMP_FAILED" });
  });

  it("passes on what the receiver throws, and asks for no more", async () => {
    const stream = Readable.from([Buffer.from(HEADER + section({ name: "t", rows: ["1"] })), Buffer.from(TRAILER)]);
    const full = new Error("disk full");
    await expect(readDataStream(stream, "s", { begin: () => undefined, rows: () => Promise.reject(full), end: () => undefined })).rejects.toBe(full);
    expect(stream.destroyed).toBe(true);
  });

  it("carries a row of 200 MB through in pieces", async () => {
    const chunk = Buffer.alloc(1024 * 1024, "x");
    async function* output(): AsyncGenerator<Buffer> {
      yield Buffer.from(`${HEADER}${tableMark("t").toString()}INSERT INTO \`t\` VALUES ('`);
      for (let n = 0; n < 200; n += 1) yield chunk;
      yield Buffer.from(`');\n${TRAILER}`);
    }
    let [largest, most] = [0, 0];
    const before = process.memoryUsage().arrayBuffers;
    let stream: DataStream | undefined;
    await readDataStream(Readable.from(output()), "s", {
      begin: () => undefined,
      rows: (piece) => {
        largest = Math.max(largest, piece.length);
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
        return undefined;
      },
      end: (_schema, _table, digest) => {
        stream = digest;
      },
    });
    expect(stream?.bytes).toBe(25 + 200 * chunk.length + 4);
    expect(largest).toBeLessThanOrEqual(chunk.length);
    expect(most).toBeLessThan(64 * 1024 * 1024);
  });
});
