import type { Command } from "commander";
import { nicenessOf } from "#lib/contract/config/niceness.ts";
import { Fault } from "#lib/domain/fault/fault.ts";
import { backupDifferential, backupFull, backupStages } from "#worker/pipelines/backup/index.ts";
import { giveWayWhole } from "#worker/exec/launch.ts";
import { requirePolicy } from "#worker/host/runtime.ts";
import { conclude, optionsOf, runHere, withHost } from "./session.ts";

/** `salvagente backup full --policy NAME`, `salvagente backup differential --policy NAME`, `salvagente backup incremental --server NAME` */
export function addBackup(program: Command): void {
  const backup = program.command("backup").description("take a backup now");
  for (const { name, kind, take, description } of [
    { name: "full", kind: "backup-full", take: backupFull, description: "full backup of a policy's server to all its destinations, by the policy's method" },
    { name: "differential", kind: "backup-differential", take: backupDifferential, description: "what changed since the policy's newest proven full, tables or pages of data files, to the destinations that hold that full" },
  ] as const) {
    backup
      .command(name)
      .description(description)
      .requiredOption("-p, --policy <name>", "policy to run")
      .action(async (_flags, command: Command) => {
        const options = optionsOf<{ policy: string }>(command);
        await withHost(options, async (host) => {
          const policy = requirePolicy(host.settings, options.policy);
          giveWayWhole(nicenessOf(policy).priority);
          const start = { kind, trigger: "cli", server: policy.server, policy: policy.name, stages: backupStages(policy, kind) } as const;
          const end = await runHere(host, options, start, (context) => take(context, host, policy.name));
          if (end.value && !options.json) process.stdout.write(`${end.value.summary.setId}\n`);
          conclude(end, options, end.value ? { set: end.value.summary, copies: end.value.copies } : {});
        });
      });
  }
  backup
    .command("incremental")
    .description("close the current binary log, bring everything up to it to all destinations, and check the chain")
    .requiredOption("-s, --server <name>", "server whose policy says `archive: true`")
    .option("--patience <seconds>", "how long the files may take to reach every destination", "3600")
    .action(async (_flags, command: Command) => {
      const options = optionsOf<{ server: string; patience: string }>(command);
      const patience = Number(options.patience);
      if (!Number.isSafeInteger(patience) || patience < 1) throw new Fault("INPUT_INVALID", { params: { fields: `--patience ${options.patience}` } });
      // A full backup need not wait until the archive's part is loaded.
      const [{ backupIncremental, INCREMENTAL_STAGES }, { archivePolicy }] = await Promise.all([import("#worker/pipelines/archive/incremental.ts"), import("#worker/pipelines/archive/server-archive.ts")]);
      await withHost(options, async (host) => {
        const policy = archivePolicy(host, options.server);
        const start = { kind: "backup-incremental", trigger: "cli", server: policy.server, policy: policy.name, stages: INCREMENTAL_STAGES } as const;
        const end = await runHere(host, options, start, (context) => backupIncremental(context, host, options.server, patience));
        if (end.value && !options.json) process.stdout.write(`${end.value.file}\n`);
        conclude(end, options, end.value ? { incremental: end.value } : {});
      });
    });
}
