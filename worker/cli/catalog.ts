import type { Command } from "commander";
import type { Manifest, ParentSet } from "#lib/contract/manifest/manifest.ts";
import { dependants, pieceKey, tablesIn } from "#lib/domain/backup/differential.ts";
import { faultRecord } from "#lib/domain/fault/fault.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { indexDestination } from "#worker/pipelines/catalog/index-destination.ts";
import { readSetAnywhere } from "#worker/pipelines/catalog/read-set.ts";
import { EXIT } from "./exit-codes.ts";
import { faultLines, type Lang, printJson, reported, visible } from "./report.ts";
import { optionsOf, setIdOf, withHost } from "./session.ts";

interface Where {
  readonly destination?: string;
}

/** `salvagente list`, `show`, `reindex`: what the destinations hold, read from the destinations themselves. */
export function addCatalog(program: Command): void {
  for (const name of ["list", "reindex"] as const) {
    program
      .command(name)
      .description(name === "list" ? "finished sets at every destination, newest first; exit code 1 when something there cannot be read or believed" : "read all manifests of the destinations again and report every problem")
      .option("-d, --destination <name>", "only this destination")
      .action(async (_flags, command: Command) => {
        const options = optionsOf<Where>(command);
        await withHost(options, async (host) => {
          const answers = await Promise.all(destinationNames(host, options.destination).map((destination) => survey(host, destination)));
          const ok = answers.every((answer) => answer.problems.length === 0);
          if (options.json) printJson({ ok, destinations: answers.map((answer) => ({ ...answer, problems: answer.problems.map((problem) => reported(problem, options.lang)) })) });
          else for (const answer of answers) printSurvey(answer, options.lang);
          if (!ok) process.exitCode = EXIT.failed;
        });
      });
  }
  program
    .command("show")
    .description("what a set holds")
    .argument("<server>", "server whose set it is")
    .argument("<set>", "set id")
    .option("-d, --destination <name>", "read this destination's copy")
    .action(async (server: string, typed: string, _flags, command: Command) => {
      const setId = setIdOf(typed);
      const options = optionsOf<Where>(command);
      await withHost(options, async (host) => {
        const destinations = openDestinations(host, destinationNames(host, options.destination));
        const { signed, verification } = await readSetAnywhere(host, destinations, server, setId);
        const { manifest } = signed;
        if (options.json) printJson({ ok: true, manifest, verification });
        else {
          process.stdout.write(`${manifest.id}  ${manifest.server.name}  ${manifest.server.version}  snapshot ${manifest.snapshotAt}  ${verification?.level ?? "completed"}\n`);
          if (manifest.parent) printParent(manifest.parent);
          const notes = storedAnew(manifest);
          for (const schema of manifest.inventory.schemas) {
            process.stdout.write(`${visible(schema.name)}: ${schema.tables.length} tables, ${schema.views.length} views, ${schema.procedures.length + schema.functions.length} routines, ${schema.triggers.length} triggers, ${schema.events.length} events\n`);
            for (const table of schema.tables) process.stdout.write(`  ${String(table.rows).padStart(12)}  ${visible(table.name)}${notes.get(pieceKey(schema.name, table.name)) ?? ""}\n`);
          }
        }
      });
    });
}

/** Of a differential, what is said beside a table of which rows are in its own files. */
function storedAnew({ parent, artifacts, inventory }: Manifest): Map<string, string> {
  const notes = new Map<string, string>();
  if (!parent) return notes;
  for (const { schema = "", tables = [], range } of artifacts) {
    for (const table of tables) {
      const key = pieceKey(schema, table);
      const cut = range && inventory.schemas.find(({ name }) => name === schema)?.tables.find(({ name }) => name === table)?.cut;
      const ranges = artifacts.filter((artifact) => artifact.range && artifact.schema === schema && artifact.tables?.includes(table)).length;
      notes.set(key, cut ? `  (${ranges} of ${cut.ranges.length} ranges of keys stored anew)` : "  (stored anew)");
    }
  }
  return notes;
}

function printParent({ setId, artifacts, dropped, physical }: ParentSet): void {
  const held = physical ? `pages are in its files that have not changed since redo log ${physical.lsn?.to ?? "?"}` : `rows of ${tablesIn(artifacts)} tables are in its files`;
  process.stdout.write(`differential of full ${setId}: ${held}\n`);
  if (dropped.length > 0) process.stdout.write(`gone since: ${visible(dropped.map(({ schema, table }) => `${schema}.${table}`).join(", "))}\n`);
}

type Survey = Awaited<ReturnType<typeof indexDestination>> & { destination: string };

async function survey(host: HostRuntime, name: string): Promise<Survey> {
  const [destination] = openDestinations(host, [name]);
  try {
    if (!destination) throw new Error("no adapter");
    return { destination: name, ...(await indexDestination(host, destination)) };
  } catch (error) {
    return { destination: name, sets: [], problems: [faultRecord(error)] };
  } finally {
    await destination?.close();
  }
}

function printSurvey({ destination, sets, problems }: Survey, lang: Lang): void {
  process.stdout.write(`${destination}: ${sets.length} sets\n`);
  const needed = dependants(sets.map(({ summary }) => ({ id: summary.setId, parent: summary.parent?.setId ?? null })));
  const here = new Set(sets.map(({ summary }) => summary.setId));
  for (const { summary, verification } of [...sets].reverse()) {
    const parent = summary.parent ? `  differential of ${summary.parent.setId}${here.has(summary.parent.setId) ? "" : ", WHICH IS NOT HERE"}` : "";
    const children = needed.get(summary.setId)?.length;
    process.stdout.write(`  ${summary.setId}  ${summary.server}  ${summary.snapshotAt}  ${(summary.sealedBytes / 1e6).toFixed(1)} MB  ${verification?.level ?? "completed"}${parent}${children ? `  needed by ${children}` : ""}\n`);
  }
  for (const problem of problems) process.stdout.write(faultLines(reported(problem, lang), "  ! "));
}

function destinationNames(host: HostRuntime, only: string | undefined): string[] {
  return only ? [only] : host.settings.destinations.map((destination) => destination.name);
}
