import { statfs } from "node:fs/promises";
import type { PolicyConfig } from "#lib/contract/config/policy.ts";
import type { ServerConfig } from "#lib/contract/config/server.ts";
import type { SourceServer } from "#lib/contract/manifest/manifest.ts";
import { Fault, faultRecord, faultText } from "#lib/domain/fault/fault.ts";
import { dumpProgram } from "#worker/engines/dump/dump-program.ts";
import { preflight } from "#worker/engines/preflight/preflight.ts";
import type { ServerAccess } from "#worker/engines/server/connect.ts";
import { run } from "#worker/exec/run.ts";
import { type Recipient, usableRecipients } from "#worker/host/recipients.ts";
import type { RunContext } from "#worker/host/run-context.ts";
import { type HostRuntime, heartbeatSchema } from "#worker/host/runtime.ts";
import type { Destination } from "#worker/ports/destination.ts";
import type { ClientTools } from "#worker/ports/tools.ts";
import type { CloneReady } from "./clone-ground.ts";
import { physicalMethod } from "./physical-methods.ts";

/** Sealed size over the server's own estimate, with room to spare: measured ratios lie between 0.1 and 0.5. */
const SPOOL_SHARE = 0.6;

export interface Ready {
  readonly server: SourceServer;
  readonly client: ClientTools;
  readonly recipients: readonly Recipient[];
  readonly versions: { name: string; version: string }[];
  readonly fingerprints: boolean;
  /** Of methods that copy files. */
  readonly ground?: CloneReady | undefined;
}

/** Everything that can be known before the server is touched: account, settings, keys, programs, room. Findings of severity error stop the run. */
export async function preflightStage(
  context: RunContext,
  host: HostRuntime,
  job: { policy: PolicyConfig; config: ServerConfig; access: ServerAccess; destinations: readonly Destination[] },
): Promise<Ready> {
  const recipients = await usableRecipients(context, host, job.policy.recipients);
  const report = await preflight(job.access, { schemas: job.policy.schemas ?? null, archive: job.policy.archive, heartbeatSchema: heartbeatSchema(host), longQuerySeconds: job.policy.longQuerySeconds, asSql: job.policy.method === "dump" || job.policy.alsoDump });
  for (const { severity, fault } of report.findings) context.finding(severity === "error" ? "warning" : severity, fault);
  const stop = report.findings.find((finding) => finding.severity === "error");
  if (stop) throw new Fault(stop.fault.code, { params: stop.fault.params, ...(stop.fault.detail ? { detail: stop.fault.detail } : {}) });
  const server = { ...report.server, name: job.config.name };
  const ground = await physicalMethod(job.policy)?.requireGround(context, host, { policy: job.policy, access: job.access, server });
  const client = host.tools.clients[server.flavor];
  if (!client) throw new Fault("TOOL_MISSING", { params: { tool: report.server.flavor === "mysql" ? "mysqldump" : "mariadb-dump" } });
  await requireRoom(context, host, report.dataBytes * (job.policy.alsoDump ? 2 : 1));
  // The dump asks its program what it can do: by then it has answered.
  const [versions, program] = await Promise.all([versionsOf(host, client), dumpProgram(server.flavor, client)]);
  const limited = report.findings.find(({ fault }) => fault.code === "SERVER_SELECT_LIMITED");
  if (limited && !program.initCommand) throw new Fault("SERVER_SELECT_LIMITED", { params: limited.fault.params });
  return {
    ground,
    server,
    client,
    recipients,
    versions,
    fingerprints: job.policy.fingerprints === "always" || (job.policy.fingerprints === "weekly" && isWeeklyDay(context.clock.now())),
  };
}

/** Fault DISK_SPACE when the spool cannot hold the set; a low destination is only told, it may be elsewhere. */
async function requireRoom(context: RunContext, host: HostRuntime, dataBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(host.folders.spool);
  const free = bavail * bsize;
  const needed = Math.ceil(dataBytes * SPOOL_SHARE);
  const fault = new Fault("DISK_SPACE", { params: { path: host.folders.spool, free: gigabytes(free), needed: gigabytes(needed) } });
  if (free < needed) throw fault;
  if (free < needed * 2) {
    context.finding("info", faultRecord(fault));
    context.log("warn", faultText(fault, "en").what);
  }
}

async function versionsOf(host: HostRuntime, client: ClientTools): Promise<{ name: string; version: string }[]> {
  const ask = async (name: string, path: string) => ({ name, version: (await run(path, ["--version"], { timeoutMs: 20_000 })).stdout.split("\n")[0]?.replace(path, name) ?? "" });
  return Promise.all([ask("dump", client.mysqldump), ask("client", client.mysql), ask("gpg", host.tools.gpg), ask("zstd", host.tools.zstd)]);
}

/** The weekly scan of production falls on Sunday, UTC. */
function isWeeklyDay(now: number): boolean {
  return new Date(now).getUTCDay() === 0;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
