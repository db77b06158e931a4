import { Command, Help, Option } from "commander";
import { packageVersion } from "#worker/host/package-version.ts";

const HELP: ReadonlySet<string> = new Set(["help", "-h", "--help"]);

/** For the options that stand in the help of every command: the version is the program's. */
const WITH_GLOBALS = Object.assign(new Help(), { showGlobalOptions: true });

/** In the order of the help. Each brings what it works with: all of them together take half as long again to start as a backup alone. */
const COMMANDS: readonly { readonly names: readonly string[]; readonly load: () => Promise<(program: Command) => void> }[] = [
  { names: ["doctor"], load: async () => (await import("./doctor.ts")).addDoctor },
  { names: ["backup"], load: async () => (await import("./backup.ts")).addBackup },
  { names: ["archive"], load: async () => (await import("./archive.ts")).addArchive },
  { names: ["list", "reindex", "show"], load: async () => (await import("./catalog.ts")).addCatalog },
  { names: ["verify"], load: async () => (await import("./verify.ts")).addVerify },
  { names: ["window", "events"], load: async () => (await import("./instants.ts")).addInstants },
  { names: ["plan", "restore"], load: async () => (await import("./restore.ts")).addRestore },
  { names: ["replacement"], load: async () => (await import("./replacement.ts")).addReplacement },
  { names: ["swap"], load: async () => (await import("./swap.ts")).addSwap },
  { names: ["runs", "show-run"], load: async () => (await import("./runs.ts")).addRuns },
  { names: ["identity"], load: async () => (await import("./identity.ts")).addIdentity },
];

/**
 * The command line; its help texts are docs/cli.md. `env` gives the default of `--config`. Of the commands, those that are named among the words, since each brings much with it; all of them where none
 * is named, or help is asked for.
 */
export async function makeProgram(env: Readonly<Record<string, string | undefined>>, words: readonly string[]): Promise<Command> {
  const program = new Command("salvagente")
    .description("MySQL backup and disaster recovery, on the database host. Needs neither queue nor console.")
    .version(packageVersion(), "-V, --version", "the version of this program")
    .option("-c, --config <file>", "worker.yaml of this host", env.SALVAGENTE_CONFIG ?? "/etc/salvagente/worker.yaml")
    .option("--json", "one JSON object on standard output instead of text", false)
    .addOption(new Option("--lang <language>", "language of messages").choices(["it", "en"]).default("en"))
    .configureHelp({ showGlobalOptions: true, visibleGlobalOptions: (command) => WITH_GLOBALS.visibleGlobalOptions(command).filter(({ long }) => long !== "--version") })
    .exitOverride()
    .addHelpText("after", "\nExit codes: 0 done · 1 failed · 2 wrong use or configuration · 3 verification refused the set · 4 cancelled · 5 doctor found errors");
  const named = words.some((word) => HELP.has(word)) ? [] : COMMANDS.filter(({ names }) => names.some((name) => words.includes(name)));
  for (const { load } of named.length > 0 ? named : COMMANDS) (await load())(program);
  return program;
}
