import type { Command } from "commander";
import { listReplacements, readReplacement } from "#worker/pipelines/restore/replace/replacement-record.ts";
import { recoverReplacement, REPLACEMENT_ENDS, undoReplacement } from "#worker/pipelines/restore/replace/take-back-folder.ts";
import { printJson } from "./report.ts";
import { conclude, optionsOf, runHere, withHost } from "./session.ts";

/** `salvagente replacement undo|recover|list`: what became of data directories that were replaced (`plan --replace`), and the way back. */
export function addReplacement(program: Command): void {
  const replacement = program.command("replacement").description("data directories of stopped servers that a restore replaced, and the way back");
  replacement
    .command("undo")
    .description("give the data directory that was replaced its name back; the one that had taken its place is kept beside it. The server must be stopped")
    .argument("<run>", "run of the restore that replaced it")
    .option("--confirm <server>", "name of the server")
    .action(async (run: string, _flags, command: Command) => {
      const options = optionsOf<{ confirm?: string }>(command);
      await withHost(options, async (host) => {
        const { server } = readReplacement(host.folders, run);
        const end = await runHere(host, options, { kind: "restore", trigger: "cli", server, stages: REPLACEMENT_ENDS.undo }, (context) => undoReplacement(context, host, run, options.confirm));
        if (end.value && !options.json) process.stdout.write(`${end.value.folder} is the data directory that it was; the other one is ${end.value.kept}\nto start the server: ${end.value.start.join(" && ")}\n`);
        conclude(end, options, end.value ? { replacement: end.value } : {});
      });
    });
  replacement
    .command("recover")
    .description("end an exchange whose process died: forward when the old data directory has left its name, else back")
    .argument("<run>", "run of the restore or of the way back")
    .action(async (run: string, _flags, command: Command) => {
      const options = optionsOf(command);
      await withHost(options, async (host) => {
        const { server } = readReplacement(host.folders, run);
        const end = await runHere(host, options, { kind: "restore", trigger: "cli", server, stages: REPLACEMENT_ENDS.recover }, (context) => recoverReplacement(context, host, run));
        if (end.value && !options.json) process.stdout.write(end.value === "replaced" ? "the old data directory had left its name: the exchange is done\n" : "taken back: everything bears the name that it had\n");
        conclude(end, options, end.value ? { state: end.value } : {});
      });
    });
  replacement
    .command("list")
    .description("replacements of this host, newest first, and how they stand")
    .action(async (_flags, command: Command) => {
      const options = optionsOf(command);
      await withHost(options, async (host) => {
        const replacements = listReplacements(host.folders);
        if (options.json) printJson({ ok: true, replacements });
        else for (const { runId, state, server, folder, kept, undoes } of replacements) process.stdout.write(`${runId}  ${state.padEnd(10)}  ${server}  ${folder}, the one before is ${kept}${undoes === undefined ? "" : ` (way back of ${undoes})`}\n`);
      });
    });
}
