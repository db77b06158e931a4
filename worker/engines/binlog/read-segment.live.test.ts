import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { archivedTransaction, type ArchivedTransaction } from "#lib/contract/archive/transaction.ts";
import { segmentContent } from "#lib/contract/archive/segment.ts";
import { formatGtidSet, parseGtidSet, unite } from "#lib/domain/binlog/gtid-set.ts";
import { resolveBoundary } from "#lib/domain/binlog/resolve-boundary.ts";
import { matchTransaction } from "#lib/domain/binlog/search-transactions.ts";
import { Secret } from "#lib/platform/secret.ts";
import { type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { testTools } from "#worker/testing/tools.ts";
import { readSegment } from "./read-segment.ts";
import { SegmentReader, type SegmentReading } from "./segment-reader.ts";
import { COMMON_STEPS, MARIADB_STEPS, MYSQL_STEPS, type Step, STATEMENT_STEPS } from "./testing/logged-steps.ts";

interface Scene {
  readonly name: string;
  readonly flavor: "mysql" | "mariadb";
  readonly options: readonly string[];
  readonly steps: readonly Step[];
  readonly gtids: boolean;
  readonly checksums: boolean;
}

const SCENES: readonly Scene[] = [
  { name: "MySQL", flavor: "mysql", options: [], steps: [...COMMON_STEPS, ...MYSQL_STEPS], gtids: true, checksums: true },
  { name: "MySQL without GTIDs and checksums", flavor: "mysql", options: ["--gtid-mode=OFF", "--enforce-gtid-consistency=OFF", "--binlog-checksum=NONE"], steps: [...COMMON_STEPS, ...STATEMENT_STEPS], gtids: false, checksums: false },
  { name: "MariaDB", flavor: "mariadb", options: ["--binlog-checksum=CRC32"], steps: [...COMMON_STEPS, ...STATEMENT_STEPS, ...MARIADB_STEPS], gtids: true, checksums: true },
];

describe.each(SCENES)("binary logs of $name", ({ flavor, options, steps, gtids, checksums }) => {
  const folder = mkdtempSync(join(tmpdir(), "read-segment-"));
  const found: ArchivedTransaction[] = [];
  let server: RunningMysql;
  let connection: Connection;
  /** The file with the steps, copied after it was closed, and what was read of it. */
  let path: string;
  let reading: SegmentReading;
  let small: string;

  const closeFile = async (): Promise<string> => {
    const [logs] = await connection.query("SHOW BINARY LOGS");
    const name = (logs as { Log_name: string }[]).at(-1)?.Log_name ?? "";
    await connection.query("FLUSH BINARY LOGS");
    copyFileSync(join(server.dataDir, name), join(folder, name));
    return join(folder, name);
  };

  beforeAll(async () => {
    server = await startMysql({ flavor, options: [...options] });
    connection = await connect({ name: "test", socket: server.socket, user: server.user, password: new Secret(server.password) });
    await connection.query("FLUSH BINARY LOGS");
    for (const { sql } of steps) for (const statement of sql) await connection.query(statement);
    path = await closeFile();
    reading = await readSegment(path, { flavor, onTransaction: (transaction) => void found.push(transaction) });
    await connection.query("CREATE TABLE logged.small (id INT PRIMARY KEY)");
    await connection.query("INSERT INTO logged.small VALUES (1), (2), (3)");
    await connection.query("DELETE FROM logged.small WHERE id = 2");
    small = await closeFile();
  });
  afterAll(async () => {
    await connection?.end();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("tell every transaction that was run: rows by table and kind, statements by kind", () => {
    expect(found.map(summary)).toEqual(steps.flatMap(({ logged }) => logged));
    expect(found.every(({ uncountedRowEvents }) => uncountedRowEvents === 0)).toBe(true);
    for (const transaction of found) expect(archivedTransaction.parse(JSON.parse(JSON.stringify(transaction)))).toEqual(transaction);
    expect(JSON.stringify(found)).not.toContain("secret");
  });

  it("stand where the server's own program says, under the same GTIDs, committed at the same times", () => {
    const expected = programSays(flavor, path);
    expect(found.map(({ start, gtid }) => ({ start, gtid }))).toEqual(expected.begins.map(({ start, gtid }) => ({ start, gtid: gtids ? gtid : null })));
    if (flavor === "mysql") expect(found.map(({ committedAt }) => committedAt)).toEqual(expected.begins.map(({ committedAt }) => committedAt));
    const starts = [...found.slice(1).map(({ start }) => start), reading.transactionEnd];
    if (flavor === "mysql") expect(found.map(({ end }) => end)).toEqual(starts);
    for (const [index, { end }] of found.entries()) expect(end).toBeLessThanOrEqual(starts[index] as number); // MariaDB: checkpoints stand between
    for (const { end } of found) expect(expected.positions).toContain(end);
    expect(reading).toMatchObject({ events: expected.positions.length, endPosition: readFileSync(path).length, tailBytes: 0, end: { kind: "rotated", next: "binlog.000003" } });
    expect(reading.transactions).toBe(found.length);
    expect(reading.serverVersion).toContain(server.version.split("-")[0]);
    expect(segmentContent.parse(reading)).toMatchObject({ transactions: found.length });
  });

  it("can be searched for what destroys, and cut exactly before it", async () => {
    const dangers = found.flatMap((transaction) => {
      const why = matchTransaction(transaction, { dangerousOnly: true, rowsOver: 10_000, schema: "logged" });
      return why ? [`${summary(transaction)}: ${why.join()}`] : [];
    });
    expect(dangers.slice(0, 3)).toEqual(["keyless +0 ~0 -13124: many-deleted", "truncate renamed: truncate", "drop renamed: drop"]);
    const drop = found.findIndex((transaction) => summary(transaction) === "drop renamed");
    const { committedAt, file, start } = found[drop] as ArchivedTransaction;
    const bands = [{ from: found[0]?.committedAt ?? "", to: reading.latestCommitAt ?? "" }];
    const context = { bands, gaps: [], now: `${2_000_000_000_000_000n}`, origin: null };
    expect(await resolveBoundary({ kind: "position", file, position: start }, found, context)).toMatchObject({ ok: true, boundary: { stop: { file, position: start }, lastIncluded: found[drop - 1], firstExcluded: found[drop] } });
    if (flavor === "mysql") expect(await resolveBoundary({ kind: "time", at: String(BigInt(committedAt) - 1n) }, found, context)).toMatchObject({ ok: true, boundary: { firstExcluded: { start } } });
  });

  it("follow each other by what they know and what they add", async () => {
    const next = await readSegment(small, { flavor });
    if (!gtids) expect([reading.previousGtids, reading.gtids, next.previousGtids, next.gtids]).toEqual([null, null, null, null]);
    else if (flavor === "mysql") expect(next.previousGtids).toBe(formatGtidSet(unite(parseGtidSet(reading.previousGtids ?? ""), parseGtidSet(reading.gtids ?? ""))));
    else expect(next.previousGtids).toBe(reading.gtids);
    expect(reading.statementTransactions).toBe(found.filter(({ statementFormat }) => statementFormat).length);
  });

  it("are read up to the last whole event, wherever in the last 200 bytes they are torn", async () => {
    const bytes = readFileSync(small);
    const boundaries = [...programSays(flavor, small).positions, bytes.length];
    const torn = join(folder, "torn");
    for (let length = bytes.length - 200; length <= bytes.length; length += 1) {
      writeFileSync(torn, bytes.subarray(0, length));
      const cut = await readSegment(torn, { flavor });
      const end = Math.max(...boundaries.filter((position) => position <= length));
      expect({ length, end: cut.endPosition, tail: cut.tailBytes, kind: cut.end.kind }).toEqual({ length, end, tail: length - end, kind: length === bytes.length ? "rotated" : "torn" });
      expect(cut.transactionEnd).toBeLessThanOrEqual(end);
    }
  });

  it("read on where they grew tell what they tell when read as a whole, at every length and at every border between pieces", async () => {
    const bytes = readFileSync(small);
    const [growing, prefix] = [join(folder, "growing"), join(folder, "prefix")];
    const borders = new Map<number, unknown>();
    const step = Math.ceil(bytes.length / 17);
    writeFileSync(growing, bytes.subarray(0, 300));
    const reader = new SegmentReader(growing, { flavor, markBytes: 64, onMark: (position, before) => void borders.set(position, before) });
    const whole = async (length: number): Promise<SegmentReading> => {
      writeFileSync(prefix, bytes.subarray(0, length));
      return readSegment(prefix, { flavor, file: "growing" });
    };
    for (let length = 300; ; length = Math.min(length + step, bytes.length)) {
      writeFileSync(growing, bytes.subarray(0, length));
      expect(await reader.readOn(), `${length} bytes`).toEqual(await whole(length));
      if (length === bytes.length) break;
    }
    expect([...borders.keys()]).toEqual(Array.from({ length: Math.ceil(bytes.length / 64) - 1 }, (_, number) => 64 * (number + 1)));
    for (const [position, before] of borders) {
      if (position < 300) continue;
      const { tailBytes: _tail, transactionEnd: _end, ...content } = await whole(position);
      expect(before, `before ${position}`).toEqual({ ...content, end: { kind: "open" } });
    }
  });

  it("give flipped bits away: every one where there are checksums, otherwise those of lengths and positions", async () => {
    const bytes = readFileSync(small);
    const flipped = join(folder, "flipped");
    const fields = programSays(flavor, small).positions.flatMap((position) => Array.from({ length: 8 }, (_, index) => position + 9 + index));
    for (const at of checksums ? bytes.keys() : fields) {
      // Lowest bit of byte 21: "the server still writes this file", the one bit that is left out of the checksum.
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] as number) ^ (1 << (at === 21 ? 3 : at % 8));
      writeFileSync(flipped, damaged);
      await expect(readSegment(flipped, { flavor }), `byte ${at}`).rejects.toMatchObject({ code: expect.stringMatching(/^BINLOG_(DAMAGED|NOT_READABLE)$/) });
    }
  });

  it("are refused when they are of the other family", async () => {
    const other = flavor === "mysql" ? "mariadb" : "mysql";
    await expect(readSegment(small, { flavor: other })).rejects.toMatchObject({ code: "BINLOG_NOT_READABLE" });
  });
});

function summary({ tables, statements, statementFormat, xa }: ArchivedTransaction): string {
  const rows = tables.map(({ table, inserted, updated, deleted }) => `${table} +${inserted} ~${updated} -${deleted}`);
  const texts = statements.map(({ kind, tables: named }) => [kind, ...named.map(({ table }) => table)].join(" "));
  return [...rows, ...texts, ...(statementFormat ? ["as statement"] : []), ...(xa ? [`xa ${xa}`] : [])].join(", ");
}

/** Positions of all events and the beginnings of all transactions, by mysqlbinlog or mariadb-binlog. */
function programSays(flavor: "mysql" | "mariadb", path: string): { positions: number[]; begins: { start: number; gtid: string | null; committedAt: string }[] } {
  const program = testTools().clients[flavor]?.mysqlbinlog ?? "";
  const text = execFileSync(program, ["--no-defaults", "--verify-binlog-checksum", "--base64-output=DECODE-ROWS", path], { encoding: "latin1", maxBuffer: 256 * 1024 * 1024 });
  const positions = new Set<number>();
  const begins: { start: number; gtid: string | null; committedAt: string }[] = [];
  let at = 0;
  for (const line of text.split("\n")) {
    const position = /^# at (\d+)$/.exec(line)?.[1];
    if (position !== undefined) {
      at = Number(position);
      positions.add(at);
    }
    const mariadb = /^#.*\tGTID (\d+-\d+-\d+)/.exec(line)?.[1];
    if (mariadb || /^#.*\t(Anonymous_)?GTID\t/i.test(line)) begins.push({ start: at, gtid: mariadb ?? null, committedAt: "" });
    const last = begins.at(-1);
    const committedAt = /^# immediate_commit_timestamp=(\d+)/.exec(line)?.[1];
    const gtid = /^SET @@SESSION\.GTID_NEXT= '([^']+:\d+)'/.exec(line)?.[1];
    if (last && committedAt !== undefined && last.committedAt === "") last.committedAt = committedAt;
    if (last && gtid !== undefined && last.gtid === null) last.gtid = gtid;
  }
  return { positions: [...positions], begins };
}
