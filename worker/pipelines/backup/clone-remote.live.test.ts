import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunEvent } from "#lib/contract/events.ts";
import type { Manifest } from "#lib/contract/manifest/manifest.ts";
import { Secret } from "#lib/platform/secret.ts";
import { type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { freePort } from "#scripts/services/place.ts";
import { cloneRemote } from "#worker/engines/clone/clone-remote.ts";
import { textRows } from "#worker/engines/inventory/information-schema.ts";
import { type Sandbox, startSandbox } from "#worker/engines/sandbox/sandbox.ts";
import { connect } from "#worker/engines/server/connect.ts";
import type { HostRuntime } from "#worker/host/runtime.ts";
import { planRestore, runRestore } from "#worker/pipelines/restore/index.ts";
import { canMount } from "#worker/testing/can-mount.ts";
import { clonesLeft, makeCloneScene } from "#worker/testing/clone-scene.ts";
import { type FaultScene, filesUnder } from "#worker/testing/fault-scene.ts";
import { childrenOf, until } from "#worker/testing/processes.ts";
import { startInstance } from "#worker/testing/start-instance.ts";

const ADDRESS = "127.0.0.9";
/** Of characters that a statement, an option file or a log would trip over; told by its beginning. */
const DONOR = { user: "donor", password: "a-Donor's \\ \"secret\" #1 é%" };
const MARK = "a-Donor";
const IMPERSONATED = "server-uuid=00000000-0000-0000-0000-000000000000";
/** Not everybody's page size. */
const SERVER = [`--bind-address=${ADDRESS}`, "--require-secure-transport=ON", "--innodb-page-size=32768"] as const;
const APP = { user: "app", password: new Secret("an-Application-1") };

/** The server listens at another address, over TLS only; its data directory is not this worker's business. */
describe("a physical full of a server on another host", { timeout: 120_000 }, () => {
  let scene: FaultScene;
  let remote: HostRuntime;
  let manifest: Manifest;

  beforeAll(async () => {
    scene = await makeCloneScene({ bulk: 2, serverOptions: [...SERVER] });
    const password = scene.connection.escape(DONOR.password);
    await scene.sql(
      "CREATE USER backup@'%' IDENTIFIED BY 'a-Backup-account-1'",
      "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, FLUSH_TABLES, REPLICATION CLIENT, BACKUP_ADMIN, PROCESS, LOCK TABLES ON *.* TO backup@'%'",
      `CREATE USER ${DONOR.user}@'%' IDENTIFIED BY ${password} REQUIRE SSL`,
      `GRANT BACKUP_ADMIN ON *.* TO ${DONOR.user}@'%'`,
      "CREATE USER app@localhost IDENTIFIED BY 'an-Application-1'",
      "GRANT ALL ON *.* TO app@localhost",
      "CREATE TABLE shop.journal (id INT PRIMARY KEY, note VARCHAR(40)) ENGINE=MyISAM",
      "INSERT INTO shop.journal VALUES (1, 'one'), (2, 'two')",
      "SET GLOBAL general_log = ON",
    );
    remote = hostWith({});
  }, 120_000);
  afterAll(() => scene?.close());

  const secret = (text: string): { file: string } => {
    const file = join(scene.live.folder, `secret-${text.length}-${text.slice(0, 4)}`);
    writeFileSync(file, text, { mode: 0o600 });
    return { file };
  };
  /** A host that reaches the server as one elsewhere would. */
  const hostWith = (change: { server?: object; donor?: object | null }): HostRuntime => {
    const { host } = scene.live;
    const [server] = host.settings.servers;
    const { socket: _socket, ...rest } = server as NonNullable<typeof server>;
    const tcp = { ...rest, host: ADDRESS, port: scene.server.port, user: "backup", password: secret("a-Backup-account-1"), tls: { mode: "verify-ca" as const, ca: join(scene.server.dataDir, "ca.pem") }, ...change.server };
    const donors = change.donor === null ? {} : { db: { user: DONOR.user, password: secret(DONOR.password), ...change.donor } };
    return Object.create(host, { settings: { value: { ...host.settings, servers: [tcp] } }, config: { value: { ...host.config, donors } } }) as HostRuntime;
  };
  /** A certificate that signed nothing. */
  const anotherAuthority = (): string => join(scene.server.dataDir, "client-cert.pem");
  const nothingOfIt = (): void => {
    expect(clonesLeft(scene)).toEqual([]);
    expect(childrenOf(process.pid, "mysqld")).toEqual([scene.server.pid]);
  };

  /** A donor waits for five minutes by itself. */
  const nobodyWaits = (user: string) => until("the donor has ended it", async () => (await scene.value(`SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = '${user}'`)) === "0", 60_000);

  it("is fetched by a server of this host over TLS, packed here, with rows of other engines, and proven", async () => {
    const run = await scene.backup({ host: remote });
    expect(run.fault).toBeUndefined();
    manifest = run.value?.manifest as Manifest;
    expect(manifest).toMatchObject({ method: "clone", physical: { pageSize: 32_768 }, server: { name: "db", uuid: await scene.value("SELECT @@server_uuid") } });
    expect(manifest.coordinate?.gtidSet).toBe((await scene.value("SELECT @@GLOBAL.gtid_executed")).replace(/\s/g, ""));
    nothingOfIt();
    const [log] = readdirSync(scene.server.dataDir).filter((name) => name.endsWith(".log"));
    const general = readFileSync(join(scene.server.dataDir, log ?? ""), "utf8");
    expect(general).toMatch(new RegExp(`Connect\\s+${DONOR.user}@\\S+ on  using SSL/TLS`));
    expect(general).not.toContain(MARK);
    expect(JSON.stringify(run.events)).not.toContain(MARK);
    const holding = filesUnder(scene.live.folder).filter((file) => !file.includes("/secret-") && readFileSync(file).includes(MARK));
    expect(holding).toEqual([]);
    const proof = await scene.verify(manifest.id);
    expect(proof.value?.verification).toMatchObject({ level: "proven", restoreTest: { differences: [], compared: { tables: 4, streams: 1 } } });
  });

  it("becomes a new server here", async () => {
    const planned = await planRestore(scene.live.host, { server: "db", setId: manifest.id, scope: { kind: "server", accounts: true }, target: { kind: "instance", server: "vicino", port: await freePort() } });
    if (!planned.ok) throw new Error(JSON.stringify(planned.faults));
    const run = await scene.live.run((context) => runRestore(context, scene.live.host, planned.plan));
    expect(run.fault).toBeUndefined();
    const instance = run.value?.instance;
    if (!instance) throw new Error("no new server");
    const child = await startInstance(instance, APP);
    const connection = await connect({ name: "vicino", ...APP, socket: instance.socket });
    try {
      const rows = "SELECT (SELECT GROUP_CONCAT(id, note ORDER BY id) FROM shop.journal), (SELECT COUNT(*) FROM shop.bulk), (SELECT SUM(CRC32(content)) FROM shop.bulk)";
      expect(await textRows(connection, rows)).toEqual(await textRows(scene.connection, rows));
    } finally {
      connection.destroy();
      child.kill("SIGKILL");
      rmSync(instance.folder, { recursive: true });
    }
  });

  it.each([
    ["a donor's account without the privilege", { donor: { user: "app2" } }, "SERVER_GRANT_MISSING"],
    ["a wrong password", { donor: { password: "wrong-Password-1" } }, "SERVER_ACCESS_DENIED"],
    ["no TLS asked for", { server: { tls: undefined, user: "plain" } }, "CLONE_DONOR_TLS"],
    ["a socket", { server: "socket" }, "CLONE_DONOR_TCP"],
    ["another authority than the one that signed its certificate", { server: "another authority" }, "SERVER_UNREACHABLE"],
  ] as const)("is refused before anything is copied: %s", async (_what, given, code) => {
    await scene.sql(`CREATE USER IF NOT EXISTS app2@'%' IDENTIFIED BY ${scene.connection.escape(DONOR.password)}`);
    const [local] = scene.live.host.settings.servers;
    const donor = "donor" in given ? { ...given.donor, ...("password" in given.donor ? { password: secret(given.donor.password) } : {}) } : {};
    const servers = { socket: { socket: local?.socket, user: local?.user, password: local?.password, tls: undefined }, "another authority": { tls: { mode: "verify-ca", ca: anotherAuthority() } } };
    const server = "server" in given ? (typeof given.server === "string" ? servers[given.server] : { ...given.server, ...asPlain() }) : undefined;
    const host = hostWith({ donor, ...(server ? { server } : {}) });
    if (code === "CLONE_DONOR_TLS") await scene.sql("SET GLOBAL require_secure_transport = OFF", "CREATE USER IF NOT EXISTS plain@'%' IDENTIFIED WITH caching_sha2_password BY 'a-Backup-account-1'", "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, FLUSH_TABLES, REPLICATION CLIENT, BACKUP_ADMIN, PROCESS, LOCK TABLES ON *.* TO plain@'%'");
    const run = await scene.backup({ host });
    await scene.sql("SET GLOBAL require_secure_transport = ON");
    expect(run.fault).toMatchObject({ code });
    expect(run.events.some(({ body }) => body.type === "stage-started" && body.stage === "clone")).toBe(false);
  });
  const asPlain = (): object => ({ password: secret("a-Backup-account-1") });

  it("nobody says that it is elsewhere: its files come over the network all the same, by the account of the backup; cancelled meanwhile, neither server nor copy is left here, nor a clone there", async () => {
    await scene.sql("SET GLOBAL clone_max_data_bandwidth = 5");
    // Under the path that the server gives lies the data directory of another one.
    const identity = join(scene.server.dataDir, "auto.cnf");
    const own = readFileSync(identity, "utf8");
    writeFileSync(identity, own.replace(/server-uuid=.*/, IMPERSONATED));
    const stop = new AbortController();
    const run = await scene.backup({ host: hostWith({ donor: null }), signal: stop.signal, onEvent: ({ body }) => { if (body.type === "progress" && body.progress.stage === "clone") stop.abort(); } });
    writeFileSync(identity, own);
    expect(run.fault?.code).toBe("CANCELLED");
    expect(run.events).toContainEqual(expect.objectContaining({ body: expect.objectContaining({ type: "log", text: expect.stringContaining("for recipient of db") }) }));
    nothingOfIt();
    await nobodyWaits("backup");
    await scene.nothingLeft(run.runId);
  });

  it("the server here that fetches them dies: told as such, and the donor, which would keep the copy for minutes, is rid of it", async () => {
    const stop = ({ body }: RunEvent): void => {
      // In its first moments a donor gives up by itself.
      if (body.type !== "progress" || body.progress.stage !== "clone" || body.progress.bytesDone < 2 * 1024 * 1024) return;
      for (const pid of childrenOf(process.pid, "mysqld")) if (pid !== scene.server.pid) process.kill(pid, "SIGKILL");
    };
    // A MiB a second: it is far from its end then.
    const policies = remote.settings.policies.map((policy) => ({ ...policy, niceness: { bytesPerSecond: 1024 * 1024 } }));
    const run = await scene.backup({ host: Object.create(remote, { settings: { value: { ...remote.settings, policies } } }) as HostRuntime, onEvent: stop });
    expect(run.fault).toMatchObject({ code: "SANDBOX_FAILED", params: { message: "signal SIGKILL" } });
    expect(run.events).toContainEqual(expect.objectContaining({ body: expect.objectContaining({ type: "log", text: expect.stringMatching(/^what db kept of the copy was ended there: \d sessions$/) }) }));
    nothingOfIt();
    await nobodyWaits(DONOR.user);
    await scene.nothingLeft(run.runId);
  });

  it("another clone under way, a donor that starts anew, a small disk, another certificate, a donor that dies: told by name, the password in no statement that servers keep", async () => {
    const { host } = scene.live;
    const tools = host.tools.clients.mysql;
    if (!tools) throw new Error("no MySQL programs");
    const ca = join(host.folders.sandbox, "..", "ca.pem");
    copyFileSync(join(scene.server.dataDir, "ca.pem"), ca);
    chmodSync(ca, 0o644);
    const donor = { access: { name: "db", host: ADDRESS, port: scene.server.port, user: DONOR.user, password: new Secret(DONOR.password), tls: { mode: "verify-ca" as const, ca } }, pageSize: 32_768, plugins: [] };
    const recipients: Sandbox[] = [];
    let again: RunningMysql | undefined;
    const signal = new AbortController().signal;
    try {
      for (let n = 0; n < 2; n += 1) recipients.push(await startSandbox({ tools, flavor: "mysql", folder: host.folders.sandbox, source: manifest.server, signal, purpose: "recipient", recipient: donor }));
      const [first, second] = recipients as [Sandbox, Sandbox];
      const keeper = await connect(first.access);
      const slow = await connect(second.access);
      for (const connection of [keeper, slow]) await connection.query("SET GLOBAL clone_max_data_bandwidth = 5, clone_max_network_bandwidth = 5");
      const began = Promise.withResolvers<void>();
      const options = { signal, now: () => 0, patienceMs: 2000 };
      const copyOf = ({ data }: Sandbox, name: string): string => join(data, "..", name);
      const cut = cloneRemote(first.access, donor, copyOf(first, "copy"), { signal, now: () => 0, onProgress: () => began.resolve() }).catch((error: unknown) => error);
      await Promise.race([began.promise, cut]);
      await expect(cloneRemote(second.access, donor, copyOf(second, "copy"), options)).rejects.toMatchObject({ code: "CLONE_RUNNING" });
      const kept = (await textRows(keeper, "SELECT SQL_TEXT FROM performance_schema.events_statements_current WHERE SQL_TEXT LIKE 'CLONE%' UNION ALL SELECT INFO FROM information_schema.PROCESSLIST WHERE INFO LIKE 'CLONE INSTANCE%'")).map(([text]) => text ?? "");
      keeper.destroy();
      expect(kept.join("\n")).not.toContain(MARK);
      process.kill(scene.server.pid, "SIGKILL");
      await scene.server.ended;
      // Back at once, it knows nothing of what it had begun.
      again = await startMysql({ flavor: "mysql", dataDir: scene.server.dataDir, port: scene.server.port, password: scene.server.password, options: [...SERVER] });
      expect(await cut).toMatchObject({ code: "SERVER_CONNECTION_LOST" });

      slow.destroy();
      // Root may mount a disk that is too small.
      if (canMount()) {
        const small = join(host.folders.sandbox, "..", "small");
        mkdirSync(small);
        execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m,mode=0777", "tmpfs", small]);
        const filled = cloneRemote(second.access, donor, join(small, "copy"), options);
        await expect(filled).rejects.toMatchObject({ code: "DISK_FULL" }).finally(() => execFileSync("umount", ["-l", small]));
      }
      const stranger = { ...donor, access: { ...donor.access, tls: { mode: "verify-ca" as const, ca: anotherAuthority() } } };
      await expect(cloneRemote(second.access, stranger, copyOf(second, "unseen"), options)).rejects.toMatchObject({ code: "CLONE_DONOR_FAILED" });
      const third = Promise.withResolvers<void>();
      const lost = cloneRemote(second.access, donor, copyOf(second, "lost"), { ...options, onProgress: () => third.resolve() }).catch((error: unknown) => error);
      await Promise.race([third.promise, lost]);
      process.kill(again.pid, "SIGKILL");
      expect(await lost).toMatchObject({ code: "SERVER_CONNECTION_LOST" });
    } finally {
      for (const recipient of recipients) await recipient.destroy();
      await again?.stop();
    }
  });
});
