// npm run demo: a whole Salvagente on this machine, with a logistics database that works, one backup and its proof.
//   --once            exits after the proof; the last line on standard output is one JSON object; exit code 0 only if the set is proven
//   --megabytes N     size of the demo data (default 200; counts at the first start)
//   --port N          port of the console (default: a free one)
import { parseArgs } from "node:util";
import { sweepTemporaryFolders } from "#scripts/services/place.ts";
import { type DemoReport, firstBackup } from "./first-backup.ts";
import { demoFolder, demoSecrets } from "./place.ts";
import { startProduct } from "./product.ts";
import { say } from "./say.ts";
import { rootLogin } from "./servers.ts";
import { PEOPLE } from "./settle.ts";
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
  const { url, services, servers } = await startProduct({
    folder,
    secrets,
    megabytes: Number(values.megabytes),
    ...(values.port ? { port: Number(values.port) } : {}),
    signal: interrupted.signal,
    started: (stop) => void stops.push(stop),
    onLost: (name, how) => {
      say(`✖ the ${name} ended (${how}); see its log`);
      interrupted.abort(new Error(`the ${name} ended (${how})`));
    },
  });
  const load = startWriteLoad({ connection: rootLogin(servers.mysql) });
  stops.push(() => load.stop());
  say(`console at ${url}`);
  const report = await firstBackup(services, interrupted.signal);
  say(report.ok ? `✔ set ${report.set} is proven: restored in ${report.restoreSeconds} s and compared` : `✖ verdict: ${report.verdict}`);
  if (!values.once) {
    process.stderr.write(`\n  ${url}\n${PEOPLE.map((person) => `  ${person.role.padEnd(10)} ${person.email.padEnd(24)} ${secrets[person.role]}`).join("\n")}\n\n  Ctrl-C stops everything this started.\n\n`);
  }
  return report;
}

async function tidyUp(): Promise<void> {
  for (const stop of stops.splice(0).reverse()) await stop().catch((error: unknown) => say(String(error)));
}
