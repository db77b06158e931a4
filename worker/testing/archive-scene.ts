import { chmodSync, createReadStream, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { Connection } from "mysql2/promise";
import type { SegmentIndex } from "#lib/contract/archive/segment.ts";
import { fileNumber } from "#lib/domain/archive/session-plan.ts";
import { epochPrefix, parseSegmentKey, segmentKey, type SegmentKey } from "#lib/domain/backup/storage-keys.ts";
import { Secret } from "#lib/platform/secret.ts";
import { type MysqlFlavor, type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { connect } from "#worker/engines/server/connect.ts";
import { archiveServer } from "#worker/pipelines/archive/index.ts";
import { binlogSection } from "#worker/pipelines/backup/recover-binlogs.ts";
import { archiveRoot } from "#worker/pipelines/archive/server-archive.ts";
import { readStatus } from "#worker/pipelines/archive/write-status.ts";
import { unseal } from "#worker/streams/unseal.ts";
import { filesUnder } from "./fault-scene.ts";
import { type LiveHost, type LiveHostOptions, makeLiveHost } from "./live-host.ts";
import { until } from "./processes.ts";

/** Place of the flag «in use», which the server sets in its own file only. */
const FLAGS_AT = 21;

/** A server whose binary logs are archived, and what tests of the archive ask of both. */
export interface ArchiveScene {
  readonly live: LiveHost;
  readonly root: string;
  /** The server as it runs now; another process after {@link restart}. */
  server(): RunningMysql;
  sql(...statements: string[]): Promise<void>;
  /** Commits so many small transactions; gives the number of rows that were ever written. */
  write(rows: number): Promise<number>;
  /** Ends the server (kill -9 with `crash`), lets `between` change its folder, and starts it again in its place. */
  restart(options?: { crash?: boolean; between?: (dataDir: string) => void }): Promise<void>;
  /** Starts the archive in this process; gives a function that ends it. */
  archive(): () => Promise<void>;
  /** Where the server writes now. */
  place(): Promise<{ file: string; position: number }>;
  /** Waits until a destination holds all that the server has written up to now, and the archive's status says so: a status from before may call less the whole. */
  stored(): Promise<void>;
  /** Name of the oldest file that the server still has. */
  oldest(): Promise<string>;
  /** Keys of the archive at a destination, in the order of epochs and files. */
  keys(destination: "one" | "two"): SegmentKey[];
  index(destination: "one" | "two", key: SegmentKey): SegmentIndex;
  /** The plain bytes of a closed file at a destination, every digest checked. */
  open(destination: "one" | "two", key: SegmentKey): Promise<Buffer>;
  /** The beginning of the open file as RECOVER.md puts it together at a destination, by its own commands. */
  byHand(destination: "one" | "two", key: SegmentKey): Buffer;
  /** The server's own file, as the stream gives it. */
  own(file: string): Buffer;
  close(): Promise<void>;
}

/** `more`: options of the server. `policy`: laid over policy `all`, which archives. */
export async function makeArchiveScene(flavor: MysqlFlavor, more: string[] = [], policy: LiveHostOptions["policy"] = {}): Promise<ArchiveScene> {
  // Test servers get another number at each start; MariaDB is known by it.
  const options = ["--server-id=4711", ...more];
  const folder = mkdtempSync(join(tmpdir(), "sg-archive-"));
  // The server runs under an account of its own.
  chmodSync(folder, 0o711);
  const dataDir = join(folder, "data");
  let server = await startMysql({ flavor, dataDir, keep: true, options });
  const live = await makeLiveHost({ server, policy: { archive: true, ...policy } });
  let connection: Connection | undefined;
  let rows = 0;
  const access = () => ({ name: "db", socket: server.socket, user: server.user, password: new Secret(server.password) });
  const sql = async (...statements: string[]): Promise<void> => {
    connection ??= await connect(access());
    for (const statement of statements) await connection.query(statement);
  };
  const place = async (): Promise<{ file: string; position: number }> => {
    connection ??= await connect(access());
    const words = flavor === "mysql" ? "BINARY LOG" : "MASTER";
    const [[row]] = (await connection.query(`SHOW ${words} STATUS`)) as unknown as [[{ File: string; Position: number }]];
    return { file: row.File, position: Number(row.Position) };
  };
  await sql("CREATE DATABASE shop", "CREATE TABLE shop.ledger (id INT AUTO_INCREMENT PRIMARY KEY, content VARCHAR(200) NOT NULL)");
  return {
    live,
    root: archiveRoot(live.host, "db"),
    server: () => server,
    sql,
    async write(count) {
      for (let at = 0; at < count; at += 1) await sql(`INSERT INTO shop.ledger (content) VALUES ('row ${++rows} ${"x".repeat(100)}')`);
      return rows;
    },
    async restart({ crash = false, between } = {}) {
      connection?.destroy();
      connection = undefined;
      const { port, password } = server;
      if (crash) {
        process.kill(server.pid, "SIGKILL");
        await server.ended;
      }
      await server.stop();
      between?.(dataDir);
      server = await startMysql({ flavor, dataDir, keep: true, port, password, options });
      // The login stands in worker.yaml by its socket, which a new server has elsewhere.
      const [entry] = live.host.settings.servers;
      if (entry) Object.assign(entry, { socket: server.socket });
    },
    archive() {
      const stop = new AbortController();
      const end = archiveServer(live.host, "db", stop.signal);
      end.catch(() => undefined);
      return async () => {
        stop.abort();
        await end;
      };
    },
    place,
    async stored() {
      const { file, position } = await place();
      await until("a destination holds everything", () => readStatus(live.host, "db")?.copies.some(({ reaches }) => reaches?.file === file && reaches.position >= position) === true, 60_000);
    },
    async oldest() {
      connection ??= await connect(access());
      const [[row]] = (await connection.query("SHOW BINARY LOGS")) as unknown as [[{ Log_name: string }]];
      return row.Log_name;
    },
    keys(destination) {
      const base = live.destination(destination);
      if (!existsSync(base)) return [];
      const keys = filesUnder(base).flatMap((path) => parseSegmentKey(path.slice(base.length + 1)) ?? []);
      return keys.filter(({ role }) => role === "sealed").sort((a, b) => a.epoch - b.epoch || fileNumber(a.file) - fileNumber(b.file) || (a.tailEnd ?? Infinity) - (b.tailEnd ?? Infinity));
    },
    index: (destination, key) => readIndex(live, destination, key),
    async open(destination, key) {
      const { plain, sealed } = readIndex(live, destination, key);
      const { stream, done } = unseal(createReadStream(join(live.destination(destination), segmentKey(key, key.file))), {
        compression: "zstd",
        keyring: live.keyring.access(),
        tools: live.host.tools,
        artifact: key.file,
        expected: { plainBytes: plain.bytes, plainSha256: plain.sha256, sealedSha256: sealed.sha256 },
      });
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      await done;
      return Buffer.concat(chunks);
    },
    byHand(destination, key) {
      const logs = join(live.destination(destination), epochPrefix(key));
      const [, commands = ""] = /```sh\n(.*?)```/s.exec(binlogSection(flavor)) ?? [];
      const { gpg, zstd } = live.host.tools;
      const { status, stdout, stderr } = spawnSync("bash", ["-e", "-c", commands], { cwd: logs, encoding: "utf8", env: { ...process.env, GNUPGHOME: join(live.folder, "keyring"), PATH: [...[gpg, zstd].flatMap((path) => (path ? [dirname(path)] : [])), process.env.PATH].join(delimiter) } });
      if (status !== 0 || stdout !== "") throw new Error(`${status}: ${stdout}${stderr}`);
      const bytes = readFileSync(join(logs, "opened", key.file));
      rmSync(join(logs, "opened"), { recursive: true });
      return bytes;
    },
    own(file) {
      const bytes = readFileSync(join(dataDir, file));
      bytes.writeUInt8(bytes.readUInt8(FLAGS_AT) & 0xfe, FLAGS_AT);
      return bytes;
    },
    async close() {
      connection?.destroy();
      await live.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function readIndex(live: LiveHost, destination: "one" | "two", key: SegmentKey): SegmentIndex {
  const path = join(live.destination(destination), segmentKey(key, key.file)).replace(/\.zst\.gpg$/, ".json");
  return (JSON.parse(readFileSync(path, "utf8")) as { segment: SegmentIndex }).segment;
}
