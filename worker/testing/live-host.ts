import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type WorkerConfigInput, workerConfig } from "#lib/contract/config/worker.ts";
import type { RunEvent } from "#lib/contract/events.ts";
import { type Clock, systemClock } from "#lib/platform/clock.ts";
import { newId } from "#lib/platform/ids.ts";
import { createLog } from "#lib/platform/log.ts";
import { loadIdentity } from "#worker/host/identity.ts";
import { readJournal, RunJournal } from "#worker/host/journal.ts";
import { conductRun, type RunContext, type RunEnd } from "#worker/host/run-context.ts";
import { markOwner } from "#worker/host/run-owner.ts";
import { type HostRuntime, prepareFolders } from "#worker/host/runtime.ts";
import { type Keyring, openKeyring } from "#worker/keyring/keyring.ts";
import type { Tools } from "#worker/ports/tools.ts";
import { testTools } from "./tools.ts";

export interface LiveHostOptions {
  /** Login of the server `db`. */
  readonly server: { readonly socket: string; readonly user: string; readonly password: string };
  /** Laid over policy `all`: whole server, destinations `one` and `two`, key `operations`, no fingerprints. */
  readonly policy?: Partial<NonNullable<WorkerConfigInput["policies"]>[number]>;
  readonly tools?: Tools;
  readonly clock?: Clock;
  /** Default: none, so that a test's own transactions are all there are. */
  readonly heartbeat?: WorkerConfigInput["heartbeat"];
}

/** A worker's host in a temporary folder: real keyring, two local destinations, policy `all` on server `db`. For live tests. */
export interface LiveHost {
  readonly host: HostRuntime;
  readonly folder: string;
  readonly keyring: Keyring;
  /** Folder of destination `one` or `two`. */
  destination(name: "one" | "two"): string;
  /** Conducts a run; events are read back from its journal. */
  run<T>(work: (context: RunContext) => Promise<T>, options?: { signal?: AbortSignal; onEvent?: (event: RunEvent) => void }): Promise<RunEnd<T> & { runId: string; events: RunEvent[] }>;
  close(): Promise<void>;
}

export async function makeLiveHost(options: LiveHostOptions): Promise<LiveHost> {
  const folder = mkdtempSync(join(tmpdir(), "sg-host-"));
  const tools = options.tools ?? testTools();
  const clock = options.clock ?? systemClock;
  const keyring = openKeyring(join(folder, "keyring"), tools);
  const armored = await keyring.exportPublic(await keyring.generateKey("Operations <operations@test.invalid>", null));
  const password = join(folder, "password");
  writeFileSync(password, options.server.password, { mode: 0o600 });
  const config = workerConfig.parse({
    host: "test-host",
    stateDir: join(folder, "state"),
    spoolDir: join(folder, "spool"),
    sandboxDir: join(folder, "sandbox"),
    instancesDir: join(folder, "instances"),
    keyring: { home: join(folder, "keyring") },
    heartbeat: options.heartbeat ?? false,
    servers: [{ name: "db", socket: options.server.socket, user: options.server.user, password: { file: password }, restoreTarget: true, criticalTables: [] }],
    destinations: [
      { kind: "local", name: "one", root: join(folder, "one") },
      { kind: "local", name: "two", root: join(folder, "two") },
    ],
    policies: [{ name: "all", server: "db", destinations: ["one", "two"], recipients: ["operations"], fingerprints: "never", ...options.policy }],
    keys: [{ name: "operations", purpose: "operations", key: { armored } }],
  } satisfies WorkerConfigInput);
  const host: HostRuntime = { config, settings: config, folders: prepareFolders(config), identity: await loadIdentity(config.stateDir), tools, clock, log: createLog({ name: "test", level: "silent" }) };
  return {
    host,
    folder,
    keyring,
    destination: (name) => join(folder, name),
    async run(work, { signal = new AbortController().signal, onEvent } = {}) {
      const runId = newId(clock.now());
      const release = markOwner(host.folders.journals, runId);
      const journal = new RunJournal({ folder: host.folders.journals, host: config.host, runId, clock, listeners: onEvent ? [onEvent] : [] });
      try {
        const end = await conductRun({ journal, clock, log: host.log, signal }, { kind: "backup-full", trigger: "manual", stages: [] }, work);
        return { ...end, runId, events: readJournal(journal.path) };
      } finally {
        journal.close();
        release();
      }
    },
    async close() {
      await keyring.stopAgent();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
