import { CommanderError } from "commander";
import { Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { EXIT } from "./exit-codes.ts";
import { makeProgram } from "./program.ts";
import { exitCodeOf, faultLines, type Lang, printJson, reported } from "./report.ts";

const program = await makeProgram(process.env, process.argv.slice(2));

// A backup goes on when nobody reads any more what it says (`salvagente … | head`).
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
  // Wrong use is found before the options are read: `--json` is then looked for by hand.
  const wrongUse = error instanceof CommanderError;
  const json = wrongUse ? process.argv.includes("--json") : program.opts<{ json: boolean }>().json;
  const lang: Lang = program.opts<{ lang: Lang }>().lang;
  const fault = reported(faultRecord(wrongUse ? new Fault("INPUT_INVALID", { params: { fields: error.message.replace(/^error: /, "") } }) : error), lang);
  if (json) printJson({ ok: false, fault });
  // Commander has already said its own.
  if (!wrongUse) process.stderr.write(faultLines(fault));
  return exitCodeOf(fault.code);
}
