import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ArtifactSink } from "./artifact-sink.ts";
import { ChangedTables } from "./changed-tables.ts";
import { readDataStream, tableMark } from "./data-stream.ts";

const HEADER = "/*!40101 SET NAMES utf8mb4 */;\n";
const CLOSE = "-- Dump completed\n";

function section(table: string, rows: string): string {
  return `${tableMark(table).toString()}INSERT INTO \`${table}\` VALUES (${rows});\n`;
}

/** A sink in memory: what each artifact holds when it is closed, and how many were begun and dropped. */
function memorySink() {
  const closed: { tables: readonly string[]; text: string }[] = [];
  const counts = { opened: 0, discarded: 0 };
  const sink = {
    open: async () => {
      counts.opened += 1;
      const pieces: Buffer[] = [];
      return {
        writer: { get plainBytes() { return pieces.reduce((n, { length }) => n + length, 0); }, write: (piece: Buffer) => void pieces.push(Buffer.from(piece)) },
        close: async (tables: readonly string[] = []) => void closed.push({ tables, text: Buffer.concat(pieces).toString() }),
        discard: async () => { counts.discarded += 1; },
      };
    },
  };
  return { sink: sink as unknown as ArtifactSink, closed, counts };
}

/** Dumps the tables through it; of those in `same` the full has the very rows. */
async function dump(tables: Readonly<Record<string, string>>, same: readonly string[]) {
  const memory = memorySink();
  const digest = (table: string): string => createHash("sha256").update(`INSERT INTO \`${table}\` VALUES (${tables[table] ?? ""});\n`).digest("hex");
  const numbers = { schemaNumber: () => 1, nextSegment: () => 1, expectedBytes: () => 0 };
  const seen: string[] = [];
  const watch = { add: () => undefined, finish: (table: string) => void seen.push(table) };
  const receiver = new ChangedTables({ sink: memory.sink, numbers, watch, history: false }, (_schema, table, { sha256 }) => same.includes(table) && sha256 === digest(table));
  // One buffer for every piece, as the socket of a dump child has.
  const text = Buffer.from(HEADER + Object.entries(tables).map(([table, rows]) => section(table, rows)).join("") + CLOSE);
  const buffer = Buffer.alloc(64 * 1024);
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < text.length; at += buffer.length) yield buffer.subarray(0, text.copy(buffer, 0, at));
  }
  await readDataStream(pieces(), "s", receiver);
  await receiver.close();
  return { ...memory, receiver, seen };
}

const LARGE = "'x'".repeat(700_000);

describe("tables that changed since a full", () => {
  it("alone become artifacts; all are digested and counted", async () => {
    const { closed, counts, receiver, seen } = await dump({ a: "1", b: "2", c: "3" }, ["b"]);
    expect(closed).toHaveLength(1);
    expect(closed[0]?.tables).toEqual(["a", "c"]);
    expect(closed[0]?.text).toBe(`${HEADER}${section("a", "1")}${section("c", "3")}`);
    expect(counts).toEqual({ opened: 1, discarded: 0 });
    expect(receiver.dumped.map(({ table }) => table)).toEqual(["a", "b", "c"]);
    expect(seen).toEqual(["s\0a", "s\0b", "s\0c"]);
  });

  it("nothing is opened, and nothing sealed, where no small table changed", async () => {
    expect((await dump({ a: "1", b: "2" }, ["a", "b"])).counts).toEqual({ opened: 0, discarded: 0 });
  });

  it("a large table stands alone, every byte of it; unchanged, its artifact is dropped", async () => {
    const changed = await dump({ a: "1", large: LARGE, b: "2" }, []);
    expect(changed.closed.map(({ tables }) => tables)).toEqual([["large"], ["a", "b"]]);
    expect(changed.closed[0]?.text).toBe(`${HEADER}${section("large", LARGE)}`);
    const unchanged = await dump({ a: "1", large: LARGE, b: "2" }, ["large"]);
    expect(unchanged.closed.map(({ tables }) => tables)).toEqual([["a", "b"]]);
    expect(unchanged.counts).toEqual({ opened: 2, discarded: 1 });
  });
});
