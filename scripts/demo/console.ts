import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "#scripts/services/place.ts";
import { withLock } from "#scripts/setup/lock.mjs";
import { type DemoChild, startChild } from "./child.ts";
import { CHECKOUT } from "./place.ts";
import { say } from "./say.ts";

const SOURCES = ["app", "components", "lib", "public", "next.config.ts", "proxy.ts", "instrumentation.ts", "package.json", "postcss.config.mjs"];

/** What a build consists of; more means that the tracer gave up and took the checkout. */
const BUILT = new Set([".next", "node_modules", "package.json", "public", "server.js"]);

/** Builds the console when its sources changed since the last build; who comes while another builds waits and takes that one. */
export async function buildConsole(): Promise<void> {
  const mark = join(CHECKOUT, ".salvagente/console-build");
  await withLock(`${mark}.lock`, async () => {
    const digest = sourceDigest();
    if (existsSync(join(CHECKOUT, ".next/standalone/server.js")) && existsSync(mark) && readFileSync(mark, "utf8") === digest) return;
    say("building the console (once, about half a minute)");
    await runBuild();
    const alien = readdirSync(join(CHECKOUT, ".next/standalone")).filter((name) => !BUILT.has(name));
    if (alien.length > 0) throw new Error(`the console's build took along what it does not need: ${alien.join(", ")} (a file is read at a path that the tracer cannot see)`);
    // The standalone server serves these itself but does not bring them along.
    cpSync(join(CHECKOUT, ".next/static"), join(CHECKOUT, ".next/standalone/.next/static"), { recursive: true });
    if (existsSync(join(CHECKOUT, "public"))) cpSync(join(CHECKOUT, "public"), join(CHECKOUT, ".next/standalone/public"), { recursive: true });
    writeFileSync(mark, digest);
  });
}

function runBuild(): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const child = spawn(process.execPath, ["node_modules/next/dist/bin/next", "build"], { cwd: CHECKOUT, env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.once("error", reject);
    child.once("close", (code) => (code === 0 ? resolve() : reject(new Error(`the console does not build:\n${output.slice(-4000)}`))));
  });
}

/** Starts the built console on a free port and waits until it answers. */
export async function startConsole(env: Record<string, string>, logFile: string, wantedPort?: number): Promise<DemoChild & { url: string }> {
  const port = wantedPort ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const child = startChild({
    name: "console",
    args: [join(CHECKOUT, ".next/standalone/server.js")],
    env: { ...env, PORT: String(port), HOSTNAME: "127.0.0.1", NEXTAUTH_URL: url },
    logFile,
    cwd: join(CHECKOUT, ".next/standalone"),
  });
  let over: string | undefined;
  void child.ended.then((how) => (over = how));
  for (let tries = 0; tries < 150; tries++) {
    if (over) throw new Error(`the console ended (${over}):\n${readFileSync(logFile, "utf8").slice(-2000)}`);
    const answer = await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(3000) }).catch(() => null);
    if (answer?.ok) return { ...child, url };
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`the console did not answer within 30 s:\n${readFileSync(logFile, "utf8").slice(-2000)}`);
}

function sourceDigest(): string {
  const hash = createHash("sha256");
  const visit = (path: string): void => {
    if (!existsSync(path)) return;
    const stat = statSync(path);
    if (stat.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
    else if (!path.endsWith(".test.ts")) hash.update(`${path} ${stat.size} ${stat.mtimeMs}\n`);
  };
  for (const source of SOURCES) visit(join(CHECKOUT, source));
  return hash.digest("hex");
}
