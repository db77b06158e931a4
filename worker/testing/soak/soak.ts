import { chmodSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RowDataPacket } from "mysql2/promise";
import { Secret } from "#lib/platform/secret.ts";
import { type MysqlFlavor, type RunningMysql, startMysql } from "#scripts/services/mysql.ts";
import { connect, type ServerAccess } from "#worker/engines/server/connect.ts";
import { backupFull } from "#worker/pipelines/backup/index.ts";
import { readStatus } from "#worker/pipelines/archive/write-status.ts";
import { type CommandEnd, commandLine, type RunningCommand } from "../command-line.ts";
import { type LiveHost, makeLiveHost } from "../live-host.ts";
import { childrenOf, until } from "../processes.ts";
import { Chance } from "./chance.ts";
import { Ledger } from "./ledger.ts";
import { Load, makeSoakTables, SOAK_SCHEMA } from "./load.ts";

const STREAMER = { mysql: "mysqlbinlog", mariadb: "mariadb-binlog" } as const;
const DISTURBANCES = ["kill the stream", "kill the worker", "kill the server", "rotate"] as const;
export type Disturbance = (typeof DISTURBANCES)[number];
/** MariaDB's last note of a file is sent with the next transaction only, bytes. */
const IDLE_NOTE_BYTES = 64;

export interface SoakOptions {
  readonly flavor: MysqlFlavor;
  readonly seed: number;
  /** Transactions committed before each disturbance and after the last. */
  readonly transactions: number;
  /** What is done to the archive, in this order; a number: so many, chosen by the seed. */
  readonly disturbances: number | readonly Disturbance[];
  readonly pauseMs?: number;
  /** The server encrypts its binary logs on its disk and compresses transactions in them (MySQL). */
  readonly sealedLogs?: boolean;
  /** Of a file that the server still writes, so many bytes are a piece; the product's own size by default. */
  readonly pieceBytes?: number;
  readonly say?: (text: string) => void;
}

/** A server under load whose archive lived through kills, everything of it stored; restores can be asked for. */
export interface Soaked {
  readonly flavor: MysqlFlavor;
  readonly live: LiveHost;
  readonly ledger: Ledger;
  readonly chance: Chance;
  readonly disturbances: readonly Disturbance[];
  readonly dataDir: string;
  access(): ServerAccess;
  close(): Promise<void>;
}

/**
 * A full backup, then load with the real `archive run` in a process of its own, which is killed, whose stream is killed, whose server is killed, at moments
 * that the ledger's count decides. Ends when everything committed is readable at both destinations.
 */
export async function soak(options: SoakOptions): Promise<Soaked> {
  const { flavor, seed, transactions, say = () => undefined } = options;
  const chance = new Chance(seed);
  const disturbances = typeof options.disturbances === "number" ? Array.from({ length: options.disturbances }, () => chance.of(DISTURBANCES)) : options.disturbances;
  const folder = mkdtempSync(join(tmpdir(), "sg-soak-"));
  chmodSync(folder, 0o711);
  const socket = join(folder, "s");
  const start = async (again: Partial<Parameters<typeof startMysql>[0]> = {}): Promise<RunningMysql> => {
    const logs = options.sealedLogs ? { keyring: true, options: ["--server-id=4711", "--binlog-encryption=ON", "--binlog-transaction-compression=ON"] } : { options: ["--server-id=4711"] };
    const started = await startMysql({ flavor, dataDir: join(folder, "data"), keep: true, ...logs, ...again });
    // A server that is started again has its socket elsewhere: the worker's settings name one that stays.
    rmSync(socket, { force: true });
    symlinkSync(started.socket, socket);
    return started;
  };
  let server = await start();
  const access = (): ServerAccess => ({ name: "db", socket, user: server.user, password: new Secret(server.password) });
  const live = await makeLiveHost({ server: { socket, user: server.user, password: server.password }, policy: { archive: true } });
  if (options.pieceBytes !== undefined) live.host.config.archivePieceBytes = options.pieceBytes;
  const command = commandLine(live);
  let worker: RunningCommand | undefined;
  const run = async (): Promise<void> => {
    let over: CommandEnd | undefined;
    worker = command("archive", "run");
    void worker.end.then((end) => {
      over = end;
    });
    await until("the archive streams", () => over !== undefined || childrenOf(worker?.pid ?? 0, STREAMER[flavor]).length > 0, 60_000);
    if (over) throw new Error(`archive run ended with ${over.code ?? over.signal}: ${over.stderr.slice(-2000)}${over.stdout}`);
  };
  const close = async (): Promise<void> => {
    worker?.child.kill("SIGKILL");
    await worker?.end;
    await live.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const disturb = async (what: Disturbance): Promise<void> => {
    say(what);
    if (what === "kill the stream") for (const pid of childrenOf(worker?.pid ?? 0, STREAMER[flavor])) process.kill(pid, "SIGKILL");
    if (what === "kill the worker") {
      worker?.child.kill("SIGKILL");
      await worker?.end;
      await run();
    }
    if (what === "kill the server") {
      process.kill(server.pid, "SIGKILL");
      await server.ended;
      await server.stop();
      server = await start({ port: server.port, password: server.password });
    }
    if (what === "rotate") await query(access(), "FLUSH BINARY LOGS");
  };
  try {
    await makeSoakTables(access());
    const full = await live.run((context) => backupFull(context, live.host, "all"));
    if (full.fault) throw full.fault;
    const ledger = new Ledger();
    await run();
    const load = new Load({ access, ledger, flavor, sessions: 4, seed, ...(options.pauseMs === undefined ? {} : { pauseMs: options.pauseMs }) });
    const committed = async (count: number): Promise<void> => {
      const goal = ledger.confirmed + count;
      await until(`${count} more transactions`, () => load.failure !== undefined || ledger.confirmed >= goal, 600_000);
    };
    for (const what of disturbances) {
      await committed(Math.ceil(transactions / 2) + chance.below(transactions));
      await disturb(what);
    }
    await committed(transactions);
    await load.stop();
    ledger.settle(await presentEntries(access(), SOAK_SCHEMA));
    say(`${ledger.committed().length} transactions, ${disturbances.length} disturbances`);
    await untilStored(live, access(), flavor);
    worker?.child.kill("SIGTERM");
    const end = await worker?.end;
    if (end?.code !== 0) throw new Error(`archive run ended with ${end?.code ?? end?.signal}: ${end?.stderr.slice(-2000)}`);
    return { flavor, live, ledger, chance, disturbances, access, close, dataDir: join(folder, "data") };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Numbers of the entries that stand in a schema. */
export async function presentEntries(access: ServerAccess, schema: string): Promise<Set<number>> {
  return new Set((await query(access, `SELECT n FROM \`${schema}\`.entries`)).map(({ n }) => Number(n)));
}

export async function query(access: ServerAccess, ...statements: string[]): Promise<RowDataPacket[]> {
  const connection = await connect(access);
  try {
    let rows: RowDataPacket[] = [];
    for (const statement of statements) [rows] = await connection.query<RowDataPacket[]>(statement);
    return rows;
  } finally {
    connection.destroy();
  }
}

/** Waits until both destinations hold everything that the server has written. */
async function untilStored(live: LiveHost, access: ServerAccess, flavor: MysqlFlavor): Promise<void> {
  const [row] = await query(access, flavor === "mysql" ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS");
  await until(`everything up to ${row?.File}:${row?.Position} is stored`, () => {
    const copies = readStatus(live.host, "db")?.copies ?? [];
    return copies.length === 2 && copies.every(({ reaches }) => reaches !== null && (reaches.file > String(row?.File) || (reaches.file === row?.File && reaches.position >= Number(row?.Position) - IDLE_NOTE_BYTES)));
  }, 120_000).catch((error: Error) => {
    throw new Error(`${error.message}: ${JSON.stringify(readStatus(live.host, "db"))}`);
  });
}
