import type { Command } from "commander";
import type { ArchiveStatus } from "#lib/contract/archive/status.ts";
import { Fault, faultText } from "#lib/domain/fault/fault.ts";
import { isFaultCode } from "#lib/domain/fault/table.ts";
import { STREAM_NICENESS } from "#worker/engines/binlog/stream.ts";
import { giveWayWhole } from "#worker/exec/launch.ts";
import { isRunLocked } from "#worker/host/run-lock.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { archiveAll, archivedServers, archiveServer, archiveSubject } from "#worker/pipelines/archive/index.ts";
import { archivePolicy } from "#worker/pipelines/archive/server-archive.ts";
import { readStatus } from "#worker/pipelines/archive/write-status.ts";
import { type Lang, printJson } from "./report.ts";
import { type CliOptions, optionsOf, withHost } from "./session.ts";

/** `salvagente archive run`, `salvagente archive status` */
export function addArchive(program: Command): void {
  const archive = program.command("archive").description("continuous archive of binary logs");
  archive
    .command("run")
    .description("archive until interrupted; the worker does the same by itself")
    .option("-s, --server <name>", "only this server; default: every server whose policy says `archive: true`")
    .action(async (_flags, command: Command) => {
      const options = optionsOf<{ server?: string }>(command);
      await withHost(options, async (host) => {
        giveWayWhole(STREAM_NICENESS);
        const stop = new AbortController();
        for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
        if (options.server) await archiveServer(host, options.server, stop.signal);
        else if (archivedServers(host).length === 0) throw new Fault("ARCHIVE_NOT_CONFIGURED", { params: { server: host.config.host } });
        else await archiveAll(host, stop.signal);
        if (options.json) printJson({ ok: true });
      });
    });
  archive
    .command("status")
    .description("how far the archive is behind, what was sealed last, what is not stored yet, and faults")
    .option("-s, --server <name>", "only this server")
    .action(async (_flags, command: Command) => {
      const options = optionsOf<{ server?: string }>(command);
      await withHost(options, async (host) => showStatus(host, options, options.server));
    });
}

function showStatus(host: HostRuntime, options: CliOptions, only: string | undefined): void {
  if (only) archivePolicy(host, only);
  const servers = (only ? [only] : archivedServers(host)).map((server) => {
    const status = readStatus(host, server);
    return { server, running: isRunLocked(host.folders.locks, archiveSubject(server)), status };
  });
  if (options.json) printJson({ ok: true, servers });
  else for (const { server, running, status } of servers) process.stdout.write(lines(server, running, status, options.lang).map((line) => `${line}\n`).join(""));
}

function lines(server: string, running: boolean, status: ArchiveStatus | null, lang: Lang): string[] {
  if (!status) return [`${server}  ${running ? "starting" : "never ran on this host"}`];
  const place = (at: { file: string; position: number } | null): string => (at ? `${at.file}:${at.position}` : "—");
  return [
    `${server}  ${running ? status.state : "not running"}  as of ${status.at}`,
    `  server ${place(status.source)}  here ${place(status.local)}  behind ${status.lagBytes ?? "?"} bytes`,
    `  sealed last ${status.lastSealedAt ?? "—"}  not stored everywhere: ${status.unsealed.map(({ file, open }) => (open ? `${file} (open)` : file)).join(", ") || "—"}`,
    ...status.copies.map(({ destination, reaches, fault }) => `  ${destination}: up to ${place(reaches)}${fault ? `  ${fault.code}` : ""}`),
    ...(status.heartbeatTrouble ? [`  no heartbeat: ${told(status.heartbeatTrouble, lang)}`] : []),
    ...status.faults.map(({ at, fault }) => `  ${at}  ${told(fault, lang)}`),
  ];
}

function told(fault: ArchiveStatus["faults"][number]["fault"], lang: Lang): string {
  return isFaultCode(fault.code) ? faultText({ ...fault, code: fault.code }, lang).what : fault.code;
}
