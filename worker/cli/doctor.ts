import type { Command } from "commander";
import { asFault, type Fault, faultRecord } from "#lib/domain/fault/fault.ts";
import { type Examination, examineDataDirectories, examineDestination, examineFiles, examineKeys, examinePolicies, examinePrograms, examineServer } from "./examinations.ts";
import { EXIT } from "./exit-codes.ts";
import { faultLines, type Lang, printJson, reported } from "./report.ts";
import { type CliOptions, optionsOf, withHost } from "./session.ts";

/** `salvagente doctor`: programs, files, keys, policies, servers, destinations; what is wrong, why, and what to do. */
export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .description("check programs, files with secrets, keys, policies, servers, data directories that may be replaced, and destinations of this host")
    .action(async (_flags, command: Command) => {
      const options = optionsOf<object>(command);
      try {
        await withHost(options, async (host) => {
          const { settings } = host;
          conclude(options, [
            await examinePrograms(host),
            examineFiles(host),
            examinePolicies(host),
            ...(await examineKeys(host)),
            ...(await Promise.all(settings.servers.map((server) => examineServer(host, server.name)))),
            ...(await examineDataDirectories(host)),
            ...(await Promise.all(settings.destinations.map((destination) => examineDestination(host, destination.name)))),
          ]);
        });
      } catch (error) {
        const fault = asFault(error);
        if (fault.code !== "TOOL_MISSING") throw error;
        conclude(options, [withoutProgram(fault)]);
      }
    });
}

/** Nothing else can be looked at without gpg, gpgconf and zstd. */
function withoutProgram(fault: Fault): Examination {
  return { subject: "programs", findings: [{ severity: "error", fault: faultRecord(fault) }] };
}

function conclude(options: CliOptions, examinations: readonly Examination[]): void {
  const bad = examinations.some((item) => item.findings.some((finding) => finding.severity === "error"));
  if (options.json) {
    const told = examinations.map(({ subject, findings }) => ({ subject, findings: findings.map(({ severity, fault }) => ({ severity, fault: reported(fault, options.lang) })) }));
    printJson({ ok: !bad, examinations: told, ...(bad ? { fault: told.flatMap((item) => item.findings).find((finding) => finding.severity === "error")?.fault } : {}) });
  } else print(examinations, options.lang);
  if (bad) process.exitCode = EXIT.unhealthy;
}

function print(examinations: readonly Examination[], lang: Lang): void {
  for (const { subject, findings } of examinations) {
    process.stdout.write(`${findings.some((finding) => finding.severity === "error") ? "✖" : findings.some((finding) => finding.severity === "warning") ? "⚠" : "✔"} ${subject}\n`);
    for (const { severity, fault } of findings) process.stdout.write(`    ${severity}\n${faultLines(reported(fault, lang), "    ")}`);
  }
}
