import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Secret } from "#lib/platform/secret.ts";
import { type Keyring, openKeyring } from "#worker/keyring/keyring.ts";
import { testTools } from "./tools.ts";

const COMMAND = fileURLToPath(new URL("../../bin/salvagente", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly pid: number;
  /** Standard error so far. */
  said(): string;
  interrupt(): void;
  readonly end: Promise<Ended>;
}

/** A host's folder as an administrator makes it: worker.yaml with comments and relative paths, secrets in files of their own, a private key under a passphrase. */
export interface CliScene {
  readonly folder: string;
  readonly passphrase: string;
  /** Holds the private keys of `operations` and `escrow`, which every backup is sealed to. */
  readonly keyring: Keyring;
  readonly fingerprints: { readonly operations: string; readonly escrow: string };
  /** The text of worker.yaml. */
  readonly yaml: string;
  /** Starts `bin/salvagente` with this worker.yaml, or with another text of it. */
  start(args: readonly string[], yaml?: string): Started;
  run(args: readonly string[], yaml?: string): Promise<Ended>;
  close(): Promise<void>;
}

export interface SceneServer {
  readonly name: string;
  readonly socket: string;
  readonly user: string;
  readonly password: string;
}

export async function makeCliScene(servers: readonly SceneServer[]): Promise<CliScene> {
  const folder = mkdtempSync(join(tmpdir(), "sg-cli-"));
  const passphrase = `frase 'di' "prova" ${Math.random()}`;
  mkdirSync(join(folder, "secrets"), { mode: 0o700 });
  mkdirSync(join(folder, "copies"), { mode: 0o700 });
  const secret = (name: string, text: string): void => writeFileSync(join(folder, "secrets", name), `${text}\n`, { mode: 0o600 });
  for (const server of servers) secret(server.name, server.password);
  secret("passphrase", passphrase);
  const tools = testTools();
  const keyring = openKeyring(join(folder, "keyring"), tools, new Secret(passphrase));
  const fingerprints = { operations: await keyring.generateKey("Operations <operations@test.invalid>", null), escrow: await keyring.generateKey("Escrow <escrow@test.invalid>", null) };
  for (const [name, fingerprint] of Object.entries(fingerprints)) writeFileSync(join(folder, `${name}.asc`), await keyring.exportPublic(fingerprint));
  const programs = { ...tools.clients.mysql, gpg: tools.gpg, gpgconf: tools.gpgconf, zstd: tools.zstd };
  const yaml = `# worker.yaml of a test
host: test-host
stateDir: state              # relative paths start at this file
spoolDir: spool
sandboxDir: sandbox
keyring: { home: keyring, passphraseFile: secrets/passphrase }
tools:
  programs:
${Object.entries(programs).map(([name, path]) => `    ${name}: ${path}`).join("\n")}
servers:
${servers.map((server) => `  - { name: ${server.name}, socket: ${server.socket}, user: ${server.user}, password: { file: secrets/${server.name} }, restoreTarget: true, criticalTables: [] }`).join("\n")}
destinations:
  - { kind: local, name: one, root: copies/one }
  - { kind: local, name: two, root: copies/two }
policies:
  - { name: nightly, server: ${servers[0]?.name}, destinations: [one, two], recipients: [operations, escrow], fingerprints: never }
keys:
  - { name: operations, purpose: operations, key: { file: operations.asc } }
  - { name: escrow, purpose: escrow, key: { file: escrow.asc } }
`;
  let variants = 0;
  const start = (args: readonly string[], text = yaml): Started => {
    const file = join(folder, text === yaml ? "worker.yaml" : `worker-${++variants}.yaml`);
    writeFileSync(file, text, { mode: 0o600 });
    // A working directory of no meaning, as under cron; nothing of ours in the environment.
    const child = spawn(COMMAND, ["--config", file, ...args], { cwd: "/", stdio: ["ignore", "pipe", "pipe"], env: { NODE_ENV: "test", PATH: process.env.PATH, HOME: folder, SALVAGENTE_NODE: process.execPath } });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk));
    const end = new Promise<Ended>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ code, stdout, stderr }));
    });
    return { pid: child.pid ?? 0, said: () => stderr, interrupt: () => void child.kill("SIGINT"), end };
  };
  return {
    folder,
    passphrase,
    keyring,
    fingerprints,
    yaml,
    start,
    run: (args, text) => start(args, text).end,
    async close() {
      await keyring.stopAgent();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Command line and environment of every living descendant, by pid. */
export function descendants(root: number): Map<number, string> {
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = textOf(`/proc/${entry}/stat`);
    parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
  }
  const found = new Map<number, string>();
  for (let grown = true; grown; ) {
    grown = false;
    for (const [pid, parent] of parents) {
      if (found.has(pid) || (parent !== root && !found.has(parent))) continue;
      found.set(pid, `${textOf(`/proc/${pid}/cmdline`)}\n${textOf(`/proc/${pid}/environ`)}`.replaceAll("\0", " "));
      grown = true;
    }
  }
  return found;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
