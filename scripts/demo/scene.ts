// A whole product in a folder of its own, small, gone at the end: what the tests in a browser drive. One JSON line tells how to reach it.
import { chmodSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import mysql from "mysql2/promise";
import { serverConfig } from "#lib/contract/config/server.ts";
import { savePolicy } from "#lib/services/settings/save-policy.ts";
import { saveServer } from "#lib/services/settings/save-server.ts";
import { sweepTemporaryFolders, temporaryFolder } from "#scripts/services/place.ts";
import { demoSecrets } from "./place.ts";
import { type Product, startProduct } from "./product.ts";
import { say } from "./say.ts";
import { BACKUP_USER, rootLogin } from "./servers.ts";
import { DEMO_ACTOR, PEOPLE, SERVER } from "./settle.ts";
import { HOST } from "./worker-host.ts";

const MEGABYTES = 2;
const stops: (() => Promise<void>)[] = [];
const interrupted = new AbortController();

sweepTemporaryFolders();
const folder = temporaryFolder("scene");
chmodSync(folder, 0o711);
const stop = async (code: number) => {
  interrupted.abort(new Error("the scene ends"));
  for (const one of stops.splice(0).reverse()) await one().catch((error: unknown) => say(String(error)));
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
};
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void stop(0));

try {
  const secrets = demoSecrets(folder);
  const product = await startProduct({
    folder,
    secrets,
    megabytes: MEGABYTES,
    signal: interrupted.signal,
    started: (one) => void stops.push(one),
    onLost: (name, how) => {
      say(`the ${name} ended (${how}):\n${readFileSync(join(folder, `${name}.log`), "utf8").slice(-3000)}`);
      void stop(1);
    },
  });
  await forTests(product);
  const people = Object.fromEntries(PEOPLE.map(({ role, email }) => [role, { email, password: secrets[role] }]));
  process.stdout.write(`${JSON.stringify({ url: product.url, people, mysql: rootLogin(product.servers.mysql), instancesDir: product.instancesDir, workerConfig: product.workerConfig })}\n`);
} catch (error) {
  say(String(error));
  await stop(1);
}

/** A server that a developer sees, a policy that waits long for its lock, to be cancelled there, and one that copies the data files. */
async function forTests({ services, servers }: Product): Promise<void> {
  const connection = await mysql.createConnection(rootLogin(servers.mysql));
  await connection.query("INSTALL PLUGIN clone SONAME 'mysql_clone.so'");
  await connection.query("GRANT PROCESS ON *.* TO ?@localhost", [BACKUP_USER]);
  await connection.end();
  const context = services.as(DEMO_ACTOR);
  const stored = serverConfig.parse((await services.db.server.findUniqueOrThrow({ where: { name: SERVER } })).config);
  await saveServer(context, { host: HOST, config: { ...stored, environment: "staging" } });
  await savePolicy(context, { config: { name: "paziente", label: "Attesa lunga", server: SERVER, destinations: ["locale"], recipients: ["operations"], lockTimeoutSeconds: 300, restoreTest: false } });
  await savePolicy(context, { config: { name: "fisico", label: "Copia dei file", server: SERVER, method: "clone", destinations: ["locale"], recipients: ["operations"] } });
}
