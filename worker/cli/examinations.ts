import { statSync } from "node:fs";
import { Fault, type FaultRecord, faultRecord } from "#lib/domain/fault/fault.ts";
import { requireFitFolder } from "#worker/engines/data-folder/require-fit.ts";
import { preflight } from "#worker/engines/preflight/preflight.ts";
import { run } from "#worker/exec/run.ts";
import { outcomeText } from "#worker/exec/spawn-tool.ts";
import { accessOf } from "#worker/host/access.ts";
import { openDestinations } from "#worker/host/open-destinations.ts";
import { hostKeyring, recipientPath } from "#worker/host/recipients.ts";
import { type HostRuntime, heartbeatSchema, requireDestination, requireKey, requirePolicy, requireServer } from "#worker/host/runtime.ts";

/** What doctor says about one thing. */
export interface Examination {
  readonly subject: string;
  readonly findings: { severity: "info" | "warning" | "error"; fault: FaultRecord }[];
}

type Finding = Examination["findings"][number];

/** Each program is started once: one that is there and does not run is worse than none. */
export async function examinePrograms(host: HostRuntime): Promise<Examination> {
  const clients = Object.values(host.tools.clients).flatMap((client) => [client.mysql, client.mysqldump, client.mysqlcheck, client.mysqld, client.mariadbBackup]);
  const programs = [...new Set([host.tools.gpg, host.tools.gpgconf, host.tools.zstd, ...clients])].filter((path) => path !== undefined);
  const findings = await Promise.all(programs.map((path) => attempt(async () => {
    const end = await run(path, ["--version"], { timeoutMs: 20_000 });
    if (end.code !== 0) throw new Fault("TOOL_FAILED", { params: { tool: path, outcome: outcomeText(end) }, detail: end.stderr });
  })));
  return { subject: `programs (${programs.length})`, findings: findings.flat() };
}

/** Files with secrets and the keyring, where others than the owner may read them. */
export function examineFiles(host: HostRuntime): Examination {
  const { donors = {}, keyring, queue, stateDir } = host.config;
  const { servers, destinations } = host.settings;
  const sources = [...servers.flatMap((server) => [server.password, server.restoreAccount?.password]), ...destinations.map((destination) => (destination.kind === "s3" ? destination.secretKey : undefined)), ...Object.values(donors).map(({ password }) => password), queue?.url];
  const files = [...sources.flatMap((source) => (source && "file" in source ? [source.file] : [])), ...(keyring.passphraseFile ? [keyring.passphraseFile] : []), keyring.home, stateDir];
  return { subject: "files with secrets", findings: [...new Set(files)].flatMap(openToOthers) };
}

function openToOthers(path: string): Finding[] {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  // One that is missing is told where it is needed.
  return mode !== undefined && (mode & 0o077) !== 0 ? [{ severity: "warning", fault: faultRecord(new Fault("STATE_INSECURE", { params: { path } })) }] : [];
}

/** Names that policies, schedules and donors use must exist. */
export function examinePolicies({ config, settings }: HostRuntime): Examination {
  const uses = [
    ...settings.policies.flatMap((policy) => [
      () => requireServer(settings, policy.server),
      ...policy.destinations.map((name) => () => requireDestination(settings, name)),
      ...policy.recipients.map((name) => () => requireKey(settings, name)),
    ]),
    ...settings.schedules.map((schedule) => () => requirePolicy(settings, schedule.policy)),
    ...Object.keys(config.donors ?? {}).map((name) => () => requireServer(settings, name)),
  ];
  const findings = uses.flatMap((use): Finding[] => {
    try {
      use();
      return [];
    } catch (error) {
      return [{ severity: "error", fault: faultRecord(error) }];
    }
  });
  return { subject: `policies (${settings.policies.length})`, findings };
}

export async function examineKeys(host: HostRuntime): Promise<Examination[]> {
  const keyring = await hostKeyring(host);
  return Promise.all(host.settings.keys.map(async ({ name }) => {
    const warnings: Finding[] = [];
    const errors = await attempt(async () => {
      const { warning } = await keyring.assertUsable(await recipientPath(host, name), host.clock.now());
      if (warning) warnings.push({ severity: "warning", fault: faultRecord(warning) });
    });
    return { subject: `key ${name}`, findings: [...errors, ...warnings] };
  }));
}

export async function examineServer(host: HostRuntime, name: string): Promise<Examination> {
  let subject = `server ${name}`;
  const found: Finding[] = [];
  const errors = await attempt(async () => {
    const report = await preflight(await accessOf(requireServer(host.settings, name), host.identity), { schemas: null, archive: host.settings.policies.some(({ server, archive }) => server === name && archive), heartbeatSchema: heartbeatSchema(host) });
    const { flavor, version } = report.server;
    subject += ` (${flavor} ${version})`;
    found.push(...report.findings);
    const client = host.tools.clients[flavor];
    if (!client?.mysqld) found.push({ severity: client ? "warning" : "error", fault: faultRecord(missingTool(flavor, client !== undefined)) });
    const copied = host.settings.policies.some(({ server, method }) => server === name && method === "mariadb-backup");
    if (copied && !client?.mariadbBackup) found.push({ severity: "error", fault: faultRecord(new Fault("TOOL_MISSING", { params: { tool: "mariadb-backup" } })) });
  });
  return { subject, findings: [...errors, ...found] };
}

/** Data directories that may be replaced: whether they could be, whoever works on them now. */
export function examineDataDirectories({ config }: Pick<HostRuntime, "config">): Promise<Examination[]> {
  return Promise.all(Object.entries(config.dataDirectories ?? {}).map(async ([name, { folder }]) => ({ subject: `data directory of ${name}`, findings: await attempt(async () => void (await requireFitFolder(folder))) })));
}

export async function examineDestination(host: HostRuntime, name: string): Promise<Examination> {
  const findings = await attempt(async () => {
    const [destination] = openDestinations(host, [name]);
    try {
      const failed = (await destination?.probe())?.find((step) => !step.ok);
      if (failed) throw new Fault("DESTINATION_FAILED", { params: { destination: name, message: `${failed.step}: ${failed.detail ?? ""}` } });
    } finally {
      await destination?.close();
    }
  });
  return { subject: `destination ${name}`, findings };
}

async function attempt(work: () => Promise<void>): Promise<Finding[]> {
  try {
    await work();
    return [];
  } catch (error) {
    return [{ severity: "error", fault: faultRecord(error) }];
  }
}

/** Without the server program backups work, and restore tests do not. */
function missingTool(flavor: "mysql" | "mariadb", hasClient: boolean): Fault {
  const names = flavor === "mysql" ? ["mysqldump", "mysqld"] : ["mariadb-dump", "mariadbd"];
  return new Fault("TOOL_MISSING", { params: { tool: names[hasClient ? 1 : 0] ?? "" } });
}
