import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { WorkerConfigInput } from "#lib/contract/config/worker.ts";
import { toolPaths } from "#scripts/setup/tools.ts";
import { openKeyring } from "#worker/keyring/keyring.ts";

export const HOST = "demo-host";

export interface DemoHost {
  readonly configPath: string;
  /** Where new servers are made. */
  readonly instancesDir: string;
  /** Armored public keys. */
  readonly operationsKey: string;
  readonly escrowKey: string;
  readonly backupPasswordFile: string;
  readonly rootPasswordFile: string;
}

/**
 * The worker's side: an operations key in the host's keyring, an escrow key whose private half lies apart (a safe, in real life),
 * worker.yaml, and passwords in files of their own.
 */
export async function prepareHost(folder: string, redisUrl: string, backupPassword: string, rootPassword: string): Promise<DemoHost> {
  const worker = join(folder, "worker");
  mkdirSync(join(worker, "secrets"), { recursive: true, mode: 0o700 });
  const tools = toolPaths();
  const operationsKey = await publicKey(join(worker, "keyring"), join(worker, "operations.asc"), "Salvagente demo operations <operations@demo.invalid>");
  const escrowKey = await publicKey(join(folder, "escrow-safe"), join(worker, "escrow.asc"), "Salvagente demo escrow <escrow@demo.invalid>");
  const file = (name: string, content: string): string => {
    const path = join(worker, "secrets", name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const instancesDir = join(folder, "instances");
  const config: WorkerConfigInput = {
    host: HOST,
    stateDir: join(worker, "state"),
    spoolDir: join(worker, "spool"),
    sandboxDir: join(folder, "sandbox"),
    instancesDir,
    keyring: { home: join(worker, "keyring") },
    tools: { folders: [tools.binDir], programs: { ...tools.mysql, gpg: tools.gpg, gpgconf: tools.gpgconf, zstd: tools.zstd } },
    queue: { url: { file: file("redis-url", redisUrl) } },
  };
  const configPath = join(worker, "worker.yaml");
  writeFileSync(configPath, stringify(config), { mode: 0o600 });
  return { configPath, instancesDir, operationsKey, escrowKey, backupPasswordFile: file("backup-password", backupPassword), rootPasswordFile: file("root-password", rootPassword) };
}

/** The public half of a key pair in the keyring, made at the first start. */
async function publicKey(home: string, path: string, uid: string): Promise<string> {
  if (!existsSync(path)) {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const { gpg, gpgconf } = toolPaths();
    const keyring = openKeyring(home, { gpg, gpgconf });
    const twoYears = new Date(Date.now() + 730 * 24 * 3600 * 1000);
    writeFileSync(path, await keyring.exportPublic(await keyring.generateKey(uid, twoYears)), { mode: 0o600 });
    await keyring.stopAgent();
  }
  return readFileSync(path, "utf8");
}
