import { rmSync } from "node:fs";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { temporaryFolder } from "#scripts/services/place.ts";
import { bareDump, scriptBackup, scriptRestore } from "./baseline.ts";
import { countContents, dataBytes, SERVER_OPTIONS, startBenchServer } from "./data/server.ts";
import type { Cost } from "./measure.ts";
import { machine, report, type Samples } from "./report.ts";
import { LEFT_OUT, MydumperPeer } from "./mydumper.ts";
import { SalvagenteHost } from "./salvagente.ts";
import { benchPages } from "./pages.ts";
import { benchPhysical } from "./physical.ts";
import { benchRecovery, isRecovery } from "./recovery/main.ts";
import { parseSize, wholeNumber } from "./size.ts";
import { benchTables } from "./tables.ts";

const USAGE = `npm run bench -- [full] [restore] [--size 1g] [--runs 3] [--json]
npm run bench -- tables [--count 10000] [--json]   backup and restore test of a server with many tables
npm run bench -- physical [--size 1g] [--runs 3] [--quick] [--json]   physical full, new server made of it, proof; script, mydumper, tar, cp, dd beside;
                                                   --quick: without the restores through SQL, which take minutes
npm run bench -- pages [--runs 50000] [--json]     answers of the console's pages with many runs in its log
npm run bench -- [archive] [replay] [--seconds 300] [--rate 600] [--runs 3] [--json]   continuous archive under load (--rate: so many transactions a second instead of all that the server takes); replay of binary logs
npm run bench -- soak [--instants 20] [--seed 1] [--json]   restores to random instants of a server whose archive was killed again and again
Ours, the customer's script and, where set-up finds or brings it, mydumper with myloader in turn in one run, on the same server; medians. The table goes to stderr,
with --json one JSON object is the last line of stdout.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { size: { type: "string", default: "1g" }, runs: { type: "string" }, count: { type: "string", default: "10000" }, seconds: { type: "string", default: "300" }, instants: { type: "string", default: "20" }, seed: { type: "string" }, rate: { type: "string" }, quick: { type: "boolean", default: false }, json: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
});
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const [alone] = positionals;
if (positionals.length === 1 && (alone === "tables" || alone === "pages") && !values.help) {
  const { table, json } = alone === "tables" ? await benchTables(wholeNumber(values.count, "count"), say) : await benchPages(wholeNumber(values.runs ?? "50000", "runs"), say);
  say(table);
  if (values.json) process.stdout.write(`${JSON.stringify(json)}\n`);
  process.exit(0);
}
if (isRecovery(positionals) && !values.help) {
  const options = { seconds: wholeNumber(values.seconds, "seconds"), rate: values.rate === undefined ? undefined : wholeNumber(values.rate, "rate"), runs: wholeNumber(values.runs ?? "3", "runs"), instants: wholeNumber(values.instants, "instants"), seed: wholeNumber(values.seed ?? String(1 + (Date.now() % 1e8)), "seed") };
  const { table, json } = await benchRecovery(positionals, options, say);
  say(table);
  if (values.json) process.stdout.write(`${JSON.stringify(json)}\n`);
  process.exit(0);
}
if (alone === "physical" && positionals.length === 1 && !values.help) {
  const { table, json } = await benchPhysical({ bytes: parseSize(values.size), runs: wholeNumber(values.runs ?? "3", "runs"), quick: values.quick }, say);
  say(table);
  if (values.json) process.stdout.write(`${JSON.stringify(json)}\n`);
  process.exit(0);
}
if (values.help || positionals.some((name) => name !== "full" && name !== "restore")) {
  say(USAGE);
  process.exit(values.help ? 0 : 2);
}
const wanted = { full: positionals.length === 0 || positionals.includes("full"), restore: positionals.length === 0 || positionals.includes("restore") };
const runs = wholeNumber(values.runs ?? "3", "runs");
const folder = temporaryFolder("bench");
const samples: Samples = {};
const source = await startBenchServer(parseSize(values.size), say);
try {
  const bytes = await dataBytes(source);
  const contents = await countContents(source);
  const ours = new SalvagenteHost(folder, source);
  const peer = new MydumperPeer(folder);
  await ours.prepare();
  say("warming up");
  await bareDump(source, folder);

  // In turn, not in blocks: what else the machine does then touches both sides alike.
  let setId = "";
  let file = "";
  for (let run = 1; run <= (wanted.full ? runs : 1); run += 1) {
    const script = await timed(`script backup ${run}`, () => scriptBackup(source, folder));
    file = script.file;
    const full = await timed(`salvagente backup ${run}`, () => ours.backup("plain"));
    setId = full.setId;
    const theirs = await peer.attempt(() => timed(`mydumper backup ${run}`, () => peer.dump(source)));
    if (!wanted.full) break;
    if (theirs) keep("mydumper_full", theirs);
    keep("script_full", script);
    keep("salvagente_full", full);
    keep("bare_dump", await timed(`bare dump ${run}`, () => bareDump(source, folder)));
    keep("salvagente_full_fingerprints", await timed(`salvagente backup with fingerprints ${run}`, () => ours.backup("fingerprints")));
  }
  for (let run = 1; wanted.restore && run <= runs; run += 1) {
    keep("script_restore", await intoFreshServer(contents, (target) => timed(`script restore ${run}`, () => scriptRestore(target, folder, file))));
    keep("salvagente_restore", await intoFreshServer(contents, (target) => timed(`salvagente restore ${run}`, () => ours.restore(setId, target))));
    const theirs = await peer.attempt(() => intoFreshServer({ ...contents, ...LEFT_OUT }, (target) => timed(`myloader restore ${run}`, () => peer.load(target))));
    if (theirs) keep("myloader_restore", theirs);
  }
  const result = report(samples, { dataBytes: bytes, runs, machine: machine(), server: source.version, node: process.version, peer: peer.facts });
  say(result.table);
  if (values.json) process.stdout.write(`${JSON.stringify(result.json)}\n`);
} finally {
  await source.stop();
  rmSync(folder, { recursive: true, force: true });
}

function keep(name: string, cost: Cost & { bytes?: number }): void {
  samples[name] = [...(samples[name] ?? []), cost];
}

async function timed<T extends Cost>(title: string, work: () => Promise<T>): Promise<T> {
  const cost = await work();
  say(`${title}: ${cost.seconds.toFixed(2)} s`);
  return cost;
}

/** A new empty server for one restore; afterwards it must hold what the source holds, or the measurement is worth nothing. */
async function intoFreshServer(expected: Record<string, number>, work: (target: RunningMysql) => Promise<Cost>): Promise<Cost> {
  const target = await startMysql({ flavor: "mysql", options: SERVER_OPTIONS });
  try {
    const cost = await work(target);
    const contents = await countContents(target);
    if (!isDeepStrictEqual(contents, expected)) throw new Error(`the restore is not complete: ${JSON.stringify(contents)} instead of ${JSON.stringify(expected)}`);
    return cost;
  } finally {
    await target.stop();
  }
}
