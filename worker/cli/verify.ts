import { type Command, Option } from "commander";
import { INTACT_STAGES, PROVEN_STAGES, verifySet } from "#worker/pipelines/verify/index.ts";
import { conclude, optionsOf, runHere, setIdOf, withHost } from "./session.ts";

/** `salvagente verify SERVER SET` */
export function addVerify(program: Command): void {
  program
    .command("verify")
    .description("re-read every copy of a set (intact) and restore it into an isolated server and compare (proven)")
    .argument("<server>", "server whose set it is")
    .argument("<set>", "set id")
    .addOption(new Option("-l, --level <level>", "how far to go").choices(["intact", "proven"]).default("proven"))
    .option("-d, --destination <name>", "only this destination's copy")
    .action(async (server: string, typed: string, _flags, command: Command) => {
      const setId = setIdOf(typed);
      const options = optionsOf<{ level: "intact" | "proven"; destination?: string }>(command);
      await withHost(options, async (host) => {
        const stages = options.level === "proven" ? PROVEN_STAGES : INTACT_STAGES;
        const request = { server, setId, level: options.level, ...(options.destination ? { destination: options.destination } : {}) };
        const end = await runHere(host, options, { kind: "verify", trigger: "cli", server, setId, stages }, (context) => verifySet(context, host, request));
        if (end.value && !options.json) process.stdout.write(`${end.value.verification.level}\n`);
        conclude(end, options, end.value ? { verification: end.value.verification } : {});
      });
    });
}
