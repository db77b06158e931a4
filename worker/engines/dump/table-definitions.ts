import type { Flavor } from "#lib/contract/names.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import type { Secret } from "#lib/platform/secret.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import { definitionArgs } from "./args.ts";
import type { ArtifactLabel, ArtifactSink } from "./artifact-sink.ts";
import { sessionLine } from "./data-stream.ts";
import { startDump } from "./dump-child.ts";
import { dumpProgram } from "./dump-program.ts";
import type { LineRepair } from "./foreign-key-lines.ts";
import { NamedLine } from "./named-line.ts";
import { withoutPlace } from "./place-clauses.ts";

export interface TableDefinitionDump {
  readonly flavor: Flavor;
  readonly client: ClientTools;
  readonly login: Secret;
  readonly schema: string;
  /** Tables and sequences. */
  readonly names: readonly string[];
  /** The login passes over all else in the schema, so that nothing has to be named: the program asks the server for each name, which looks through all tables of the schema. */
  readonly unnamed: boolean;
  /** Names that the output must define, or the dump is not complete. */
  readonly expected: readonly string[];
  /** See foreignKeyRepair. */
  readonly repair: LineRepair;
  readonly label: Omit<ArtifactLabel, "part">;
  readonly signal: AbortSignal;
}

/** Names given to one run of the program: arguments have an end (2 MB on Linux). */
const ARGUMENT_BYTES = 256 * 1024;
const TABLE_LINE = /^-- Table structure for table /;

/**
 * Dumps the definitions of one schema's tables into an artifact and checks that each is really there: with privileges lacking, the program
 * leaves tables out and exits with 0. Faults DUMP_FAILED, DUMP_TRUNCATED, DUMP_INCOMPLETE.
 */
export async function dumpTableDefinitions(sink: ArtifactSink, dump: TableDefinitionDump): Promise<void> {
  const artifact = await sink.open({ ...dump.label, part: "tables" });
  const defined = new Set<string>();
  for (const names of dump.unnamed ? [[]] : batches(dump.names)) await dumpBatch(dump, names, defined, (text) => artifact.writer.write(text));
  await artifact.close();
  const missing = dump.expected.filter((name) => !defined.has(name));
  if (missing.length > 0) throw new Fault("DUMP_INCOMPLETE", { params: { missing: `tables: ${missing.slice(0, 5).map((name) => `${dump.schema}.${name}`).join(", ")}` } });
}

async function dumpBatch(dump: TableDefinitionDump, names: readonly string[], defined: Set<string>, write: (text: Buffer) => Promise<void> | undefined): Promise<void> {
  const child = startDump({ program: dump.client.mysqldump, args: definitionArgs(dump.flavor, dump.schema, names, await dumpProgram(dump.flavor, dump.client)), login: dump.login, pluginDir: dump.client.pluginDir, signal: dump.signal });
  const named = new NamedLine(TABLE_LINE);
  let completed = false;
  let insufficient = "";
  let inOptions = false;
  let table = "";
  let rest = "";
  const read = (line: string): string => {
    const name = named.feed(Buffer.from(line, "latin1").toString("utf8"));
    if (name !== null) {
      table = name;
      defined.add(name);
    }
    if (line.startsWith("-- insufficient privileges")) insufficient = line;
    completed = line.startsWith("-- Dump completed");
    inOptions = line.startsWith(")") || (inOptions && !/^(?:--|\/\*!40101 SET|$)/.test(line));
    return inOptions ? withoutPlace(line) : line.startsWith("/*!40101 SET ") ? sessionLine(line) : dump.repair(table, line);
  };
  try {
    // One character for each byte: a line may hold text in any character set.
    for await (const chunk of child.tool.stdout ?? []) {
      const lines = (rest + (chunk as Buffer).toString("latin1")).split("\n");
      rest = lines.pop() ?? "";
      const wait = write(Buffer.from(lines.map((line) => `${read(line)}\n`).join(""), "latin1"));
      if (wait) await wait;
    }
  } catch (error) {
    child.tool.kill();
    throw error;
  }
  if (rest !== "") await write(Buffer.from(read(rest), "latin1"));
  await child.settle();
  if (!completed) throw new Fault("DUMP_TRUNCATED");
  if (insufficient) throw new Fault("DUMP_INCOMPLETE", { params: { missing: `tables of ${dump.schema}: ${insufficient}` } });
}

function batches(names: readonly string[]): string[][] {
  const cut: string[][] = [];
  let room = 0;
  for (const name of names) {
    const size = Buffer.byteLength(name) + 9;
    if (room < size) {
      cut.push([]);
      room = ARGUMENT_BYTES;
    }
    cut.at(-1)?.push(name);
    room -= size;
  }
  return cut;
}
