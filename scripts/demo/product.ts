// A whole Salvagente on this machine: servers, console, controller, and a worker paired with them.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { readConsoleEnvironment } from "#lib/platform/env.ts";
import { openServices, type Services } from "#lib/services/open-services.ts";
import { type DemoChild, startChild } from "./child.ts";
import { buildConsole, startConsole } from "./console.ts";
import { CHECKOUT, type DemoSecrets } from "./place.ts";
import { type DemoServers, startServers } from "./servers.ts";
import { createPeople, pairWorker, saveSettings } from "./settle.ts";
import { HOST, prepareHost } from "./worker-host.ts";

export interface ProductOptions {
  /** Where everything that it writes lies; a second start finds it again. */
  readonly folder: string;
  readonly secrets: DemoSecrets;
  /** Size of the demo data; counts at the first start. */
  readonly megabytes: number;
  /** Of the console. Default: a free one. */
  readonly port?: number;
  /** Ends the waiting for the worker. */
  readonly signal: AbortSignal;
  /** Gets the stop of each part as soon as that part runs; stop them in the opposite order. */
  readonly started: (stop: () => Promise<void>) => void;
  /** A process ended that nobody stopped. */
  readonly onLost: (name: string, how: string) => void;
}

export interface Product {
  readonly url: string;
  readonly services: Services;
  readonly servers: DemoServers;
  /** Folder of new servers on the worker's host. */
  readonly instancesDir: string;
  /** The host's worker.yaml, for its command line. */
  readonly workerConfig: string;
}

/** Starts everything, pairs the worker at the first start, and saves what a new installation would type into the forms. */
export async function startProduct(options: ProductOptions): Promise<Product> {
  const { folder, secrets, signal, started } = options;
  const keep = (child: DemoChild) => started(watched(child, options.onLost));
  await buildConsole();
  const servers = await startServers(folder, secrets, options.megabytes, started);
  const host = await prepareHost(folder, servers.redis.url, secrets.mysqlBackup, secrets.mysqlRoot);
  const env = { DATABASE_URL: servers.postgres.url, REDIS_URL: servers.redis.url, SALVAGENTE_STATE_DIR: join(folder, "console"), LOG_LEVEL: "info" };
  const services = await openServices(readConsoleEnvironment(env as unknown as NodeJS.ProcessEnv));
  started(() => services.close());
  await createPeople(services, secrets);
  keep(startChild({ name: "controller", args: ["--disable-warning=ExperimentalWarning", join(CHECKOUT, "controller/main.ts")], env, logFile: join(folder, "controller.log") }));
  const code = Promise.withResolvers<string>();
  if (!(await isPaired(services))) rmSync(join(folder, "worker/state/console.json"), { force: true });
  const onLine = (line: string) => {
    const [, shown] = /^ {2}code\s+(\S+)/.exec(line) ?? [];
    if (shown) code.resolve(shown);
  };
  keep(startChild({ name: "worker", args: ["--initial-old-space-size=64", "--max-semi-space-size=2", "--disable-warning=ExperimentalWarning", join(CHECKOUT, "worker/main.ts"), "--config", host.configPath], env: {}, logFile: join(folder, "worker.log"), onLine }));
  const site = await startConsole(env, join(folder, "console.log"), options.port);
  keep(site);
  if (!(await isPaired(services))) await pairWorker(services, await code.promise);
  await waitForWorker(services, signal);
  await saveSettings(services, servers, host, folder);
  return { url: site.url, services, servers, instancesDir: host.instancesDir, workerConfig: host.configPath };
}

/** The stop of a process that is not to end before it. */
function watched(child: DemoChild, onLost: ProductOptions["onLost"]): () => Promise<void> {
  let stopping = false;
  void child.ended.then((how) => {
    if (!stopping) onLost(child.name, how);
  });
  return () => {
    stopping = true;
    return child.stop();
  };
}

async function isPaired(services: Services): Promise<boolean> {
  return (await services.db.host.count({ where: { name: HOST } })) > 0;
}

async function waitForWorker(services: Services, signal: AbortSignal): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    signal.throwIfAborted();
    if (await services.queue.redis.exists(`salvagente:heartbeat:${HOST}`)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("the worker gave no sign of life within 30 s");
}
