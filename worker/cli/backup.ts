import type { Command } from "commander";
import { BACKUP_STAGES, backupFull } from "#worker/pipelines/backup/index.ts";
import { requirePolicy } from "#worker/host/runtime.ts";
import { conclude, optionsOf, runHere, withHost } from "./session.ts";

/** `salvagente backup full --policy NAME` */
export function addBackup(program: Command): void {
  const backup = program.command("backup").description("take a backup now");
  backup
    .command("full")
    .description("full logical backup of a policy's server to all its destinations")
    .requiredOption("-p, --policy <name>", "policy to run")
    .action(async (_flags, command: Command) => {
      const options = optionsOf<{ policy: string }>(command);
      await withHost(options, async (host) => {
        const policy = requirePolicy(host.settings, options.policy);
        const start = { kind: "backup-full", trigger: "cli", server: policy.server, policy: policy.name, stages: BACKUP_STAGES } as const;
        const end = await runHere(host, options, start, (context) => backupFull(context, host, policy.name));
        if (end.value && !options.json) process.stdout.write(`${end.value.summary.setId}\n`);
        conclude(end, options, end.value ? { set: end.value.summary, copies: end.value.copies } : {});
      });
    });
}
