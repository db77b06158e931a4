import { Command, Option } from "commander";
import { addArchive } from "./archive.ts";
import { addBackup } from "./backup.ts";
import { addCatalog } from "./catalog.ts";
import { addDoctor } from "./doctor.ts";
import { addIdentity } from "./identity.ts";
import { addInstants } from "./instants.ts";
import { addRestore } from "./restore.ts";
import { addRuns } from "./runs.ts";
import { addSwap } from "./swap.ts";
import { addVerify } from "./verify.ts";

/** The command line with every command; its help texts are docs/cli.md. `env` gives the default of `--config`. */
export function makeProgram(env: Readonly<Record<string, string | undefined>>): Command {
  const program = new Command("salvagente")
    .description("MySQL backup and disaster recovery, on the database host. Needs neither queue nor console.")
    .option("-c, --config <file>", "worker.yaml of this host", env.SALVAGENTE_CONFIG ?? "/etc/salvagente/worker.yaml")
    .option("--json", "one JSON object on standard output instead of text", false)
    .addOption(new Option("--lang <language>", "language of messages").choices(["it", "en"]).default("en"))
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .addHelpText("after", "\nExit codes: 0 done · 1 failed · 2 wrong use or configuration · 3 verification refused the set · 4 cancelled · 5 doctor found errors");
  addDoctor(program);
  addBackup(program);
  addArchive(program);
  addCatalog(program);
  addVerify(program);
  addInstants(program);
  addRestore(program);
  addSwap(program);
  addRuns(program);
  addIdentity(program);
  return program;
}
