// npm run demo: a whole Salvagente on this machine, with a logistics database that works, one backup and its proof.
//   --once            exits after the proof; the last line on standard output is one JSON object; exit code 0 only if the set is proven
//   --megabytes N     size of the demo data (default 200; counts at the first start)
//   --port N          port of the console (default: a free one)
import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readConsoleEnvironment } from "#lib/platform/env.ts";
import { openServices, type Services } from "#lib/services/open-services.ts";
import { sweepTemporaryFolders } from "#scripts/services/place.ts";
import { type DemoChild, startChild } from "./child.ts";
import { buildConsole, startConsole } from "./console.ts";
import { type DemoReport, firstBackup } from "./first-backup.ts";
import { CHECKOUT, demoFolder, demoSecrets } from "./place.ts";
import { say } from "./say.ts";
import { rootLogin, startServers } from "./servers.ts";
import { createPeople, pairWorker, PEOPLE, saveSettings } from "./settle.ts";
import { HOST, prepareHost } from "./worker-host.ts";
import { startWriteLoad } from "./write-load.ts";

const { values } = parseArgs({ options: { once: { type: "boolean", default: false }, megabytes: { type: "string", default: "200" }, port: { type: "string" } } });
const stops: (() => Promise<void>)[] = [];
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => interrupted.abort(new Error(`stopped by ${signal}`)));

try {
  const report = await runDemo();
  process.exitCode = report.ok ? 0 : 1;
  if (values.once) await tidyUp();
  else {
    if (!interrupted.signal.aborted) await new Promise<void>((resolve) => interrupted.signal.addEventListener("abort", () => resolve(), { once: true }));
    await tidyUp();
  }
  process.stdout.write(`${JSON.stringify(report)}\n`);
} catch (error) {
  say(`✖ ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = interrupted.signal.aborted ? 130 : 1;
  await tidyUp();
}
process.exit();

async function runDemo(): Promise<DemoReport> {
  sweepTemporaryFolders();
  const folder = demoFolder();
  const secrets = demoSecrets(folder);
  await buildConsole();
  const servers = await startServers(folder, secrets, Number(values.megabytes), (stop) => void stops.push(stop));
  const load = startWriteLoad({ connection: rootLogin(servers.mysql) });
  stops.push(() => load.stop());
  const host = await prepareHost(folder, servers.redis.url, secrets.mysqlBackup, secrets.mysqlRoot);
  const env = { DATABASE_URL: servers.postgres.url, REDIS_URL: servers.redis.url, SALVAGENTE_STATE_DIR: join(folder, "console"), LOG_LEVEL: "info" };
  const services = await openServices(readConsoleEnvironment(env as unknown as NodeJS.ProcessEnv));
  stops.push(() => services.close());
  await createPeople(services, secrets);
  keep(startChild({ name: "controller", args: ["--disable-warning=ExperimentalWarning", join(CHECKOUT, "controller/main.ts")], env, logFile: join(folder, "controller.log") }));
  const code = Promise.withResolvers<string>();
  if (!(await isPaired(services))) rmSync(join(folder, "worker/state/console.json"), { force: true });
  keep(startChild({ name: "worker", args: ["--disable-warning=ExperimentalWarning", join(CHECKOUT, "worker/main.ts"), "--config", host.configPath], env: {}, logFile: join(folder, "worker.log"), onLine: (line) => (/^ {2}code\s+(\S+)/.exec(line)?.[1] ? code.resolve(/^ {2}code\s+(\S+)/.exec(line)?.[1] as string) : undefined) }));
  const site = await startConsole(env, join(folder, "console.log"), values.port ? Number(values.port) : undefined);
  keep(site);
  if (!(await isPaired(services))) await pairWorker(services, await code.promise);
  await waitForWorker(services);
  await saveSettings(services, servers, host, folder);
  say(`console at ${site.url}`);
  const report = await firstBackup(services, interrupted.signal);
  say(report.ok ? `✔ set ${report.set} is proven: restored in ${report.restoreSeconds} s and compared` : `✖ verdict: ${report.verdict}`);
  if (!values.once) {
    process.stderr.write(`\n  ${site.url}\n${PEOPLE.map((person) => `  ${person.role.padEnd(10)} ${person.email.padEnd(24)} ${secrets[person.role]}`).join("\n")}\n\n  Ctrl-C stops everything this started.\n\n`);
  }
  return report;
}

/** Stops a process at the end, and tells when it ends before. */
function keep(child: DemoChild): void {
  let stopping = false;
  stops.push(() => {
    stopping = true;
    return child.stop();
  });
  void child.ended.then((how) => {
    if (!stopping) {
      say(`✖ the ${child.name} ended (${how}); see its log`);
      interrupted.abort(new Error(`the ${child.name} ended (${how})`));
    }
  });
}

async function isPaired(services: Services): Promise<boolean> {
  return (await services.db.host.count({ where: { name: HOST } })) > 0;
}

async function waitForWorker(services: Services): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    interrupted.signal.throwIfAborted();
    if (await services.queue.redis.exists(`salvagente:heartbeat:${HOST}`)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("the worker gave no sign of life within 30 s");
}

async function tidyUp(): Promise<void> {
  for (const stop of stops.splice(0).reverse()) await stop().catch((error: unknown) => say(String(error)));
}
