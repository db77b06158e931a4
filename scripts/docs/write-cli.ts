// docs/cli.md: what `bin/salvagente --help` says of every command, and examples.
import type { Command } from 'commander';
import { EXIT } from '#worker/cli/exit-codes.ts';
import { makeProgram } from '#worker/cli/program.ts';

const MEANINGS: Record<keyof typeof EXIT, string> = {
  done: 'done',
  failed: 'failed: standard error says the fault code, what, why and what to do',
  usage: 'wrong use: arguments, a name or id that does not exist, or worker.yaml',
  refused: 'the verification ended and the set is refused: restored data differ from what was recorded',
  cancelled: 'cancelled (Ctrl-C, SIGTERM); everything the run made was removed',
  unhealthy: '`doctor` found errors',
};

const EXAMPLES = `## Examples

\`\`\`sh
salvagente doctor                                           # programs, keys, servers, destinations
salvagente backup full --policy nightly                     # prints the set's id
salvagente list                                             # sets at every destination, with their verdict
salvagente show db 20261123T020000Z-4f9a1c                  # schemas, tables, rows
salvagente verify db 20261123T020000Z-4f9a1c                # re-read, restore into an isolated server, compare
salvagente verify db 20261123T020000Z-4f9a1c --level intact # re-read only

salvagente runs                                             # what ran on this host
salvagente show-run 20261123T020000Z-4f9a1c --follow        # one of them, live
salvagente identity                                         # the key that signs this host's backups: keep it with the escrow key

# one schema under a new name beside the old one
salvagente plan db 20261123T020000Z-4f9a1c --schema shop --as shop=shop_restored --output plan.json
salvagente restore plan.json

# two tables in place, after a safety copy; the plan says which name to type
salvagente plan db 20261123T020000Z-4f9a1c --schema shop --table orders lines --in-place --output plan.json
salvagente restore plan.json --confirm shop

# everything onto another, empty server named in worker.yaml
salvagente plan db 20261123T020000Z-4f9a1c --to spare --output plan.json && salvagente restore plan.json
\`\`\`

Long commands tell what they do on standard error, and print one result on standard output. With \`--json\` that is one object with \`ok\`, and on
failure \`fault\` (see faults.md). Standard error tells a fault without where in the program it came up, but for one that nobody foresaw; \`LOG_LEVEL=error\`
tells that of a run as well. Every run has a journal on the host (\`<stateDir>/runs\`); the worker sends it to the console when it can.
`;

/** The whole page. */
export async function cliDocument(): Promise<string> {
  const program = await makeProgram({}, []);
  const codes = Object.entries(EXIT).map(([name, code]) => `| ${code} | ${MEANINGS[name as keyof typeof EXIT]} |`);
  const helps = leaves(program).map((command) => `## ${title(command)}\n\n\`\`\`\n${help(command)}\`\`\`\n`);
  return `# The command line

Made from the program's own help by \`scripts/docs/generated.ts\`; do not edit. It runs the same pipelines as the worker, on the database host, and needs
neither queue nor console. Configuration: worker-yaml.md.

\`\`\`
${help(program)}\`\`\`

| exit code | meaning |
|---|---|
${codes.join('\n')}

${EXAMPLES}
${helps.join('\n')}`;
}

function leaves(command: Command): Command[] {
  return command.commands.flatMap((child) => (child.commands.length > 0 ? leaves(child) : [child]));
}

function title(command: Command): string {
  return command.parent?.parent ? `${command.parent.name()} ${command.name()}` : command.name();
}

/** As printed, at a fixed width. */
function help(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (piece) => {
      text += piece;
    },
    getOutHelpWidth: () => 120,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text;
}
